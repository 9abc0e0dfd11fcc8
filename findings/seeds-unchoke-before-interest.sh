#!/usr/bin/env bash
# A peer that has nothing and says nothing of interest, at three seeds; then it says that it is not interested.
. "$(dirname "$0")/support/common.sh"
transmission
aria2
libtorrent
seen=$(alone "$PYTHON" - <<'PY'
import hashlib
from bencode import encode, info
from clients import Aria2, Libtorrent, Transmission
from peer import CHOKE, UNCHOKE, Peer, kinds
torrent = info()
hash = hashlib.sha1(encode(torrent)).digest()
out = []
for make in (Libtorrent, Transmission, Aria2):
    client = make().seed(torrent)
    peer = Peer(client.port, hash).greet()
    before = UNCHOKE in kinds(peer.messages(12))
    peer.send(3)
    after = CHOKE in kinds(peer.messages(3))
    out.append("%s %s%s" % (client.name, "unchokes" if before else "waits", ", chokes then" if after else ""))
    peer.end()
    client.end()
print("; ".join(out))
PY
)
report "libtorrent 2.0.8, Transmission 3.00, aria2 1.36.0" "all wait: only who is interested is unchoked" "libtorrent unchokes, chokes then; Transmission unchokes; aria2 waits" "$seen"
