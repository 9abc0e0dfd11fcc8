#!/usr/bin/env bash
# The first 48 bytes of a handshake: all but the peer id.
. "$(dirname "$0")/support/common.sh"
transmission
aria2
libtorrent
seen=$(alone "$PYTHON" - <<'PY'
import hashlib
from bencode import encode, info
from clients import Aria2, Libtorrent, Transmission
from peer import Peer
torrent = info()
hash = hashlib.sha1(encode(torrent)).digest()
out = []
for make in (Libtorrent, Transmission, Aria2):
    client = make().seed(torrent)
    peer = Peer(client.port, hash)
    peer.socket.sendall(peer.greeting[:48])
    out.append("%s %d" % (client.name, len(peer.receive(68, 4))))
    peer.end()
    client.end()
print("; ".join(out))
PY
)
report "libtorrent 2.0.8, Transmission 3.00, aria2 1.36.0" "bytes answered: 68 by libtorrent, 0 by the others, which wait for the whole handshake to see who is there" \
  "libtorrent 68; Transmission 68; aria2 68" "$seen"
