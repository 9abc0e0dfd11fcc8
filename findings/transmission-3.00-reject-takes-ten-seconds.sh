#!/usr/bin/env bash
# A request for a piece beyond the last one, by an unchoked peer with the Fast extension: how long until the reject?
. "$(dirname "$0")/support/common.sh"
transmission
libtorrent
seen=$(alone "$PYTHON" - <<'PY'
import hashlib, time
from bencode import encode, info
from clients import Libtorrent, Transmission
from peer import INTERESTED, REJECT, UNCHOKE, Peer
torrent = info()
hash = hashlib.sha1(encode(torrent)).digest()
out = []
for make in (Libtorrent, Transmission):
    client = make().seed(torrent)
    peer = Peer(client.port, hash).greet()
    peer.send(INTERESTED)
    peer.messages(15, UNCHOKE)
    peer.messages(3)
    began = time.monotonic()
    # longer than the common 16 KiB
    peer.ask(0, 0, 16385)
    answers = peer.messages(25, REJECT)
    took = time.monotonic() - began
    rejected = any(kind == REJECT for kind, _ in answers)
    out.append("%s %s" % (client.name, ("within 2 s" if took < 2 else "after more than 5 s" if took > 5 else "after 2 to 5 s") if rejected else "never"))
    peer.end()
    client.end()
print("; ".join(out))
PY
)
report "Transmission 3.00 (libtorrent 2.0.8)" "within 2 s by both" "libtorrent within 2 s; Transmission after more than 5 s" "$seen"
