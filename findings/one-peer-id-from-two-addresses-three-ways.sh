#!/usr/bin/env bash
# A peer connects from a second address with the same peer id while its first connection stands, as after a change of link.
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
    first, second = (Peer(client.port, hash, peer_id=b"-XX0001-abcdefghijkl") for _ in range(2))
    for peer in (first, second):
        peer.greet()
        peer.messages(1)
    first.messages(2)
    second.messages(2)
    out.append("%s keeps %s" % (client.name, " and ".join(n for n, peer in (("first", first), ("second", second)) if not peer.closed)))
    first.end()
    second.end()
    client.end()
print("; ".join(out))
PY
)
report "libtorrent 2.0.8, Transmission 3.00, aria2 1.36.0" "libtorrent keeps one; Transmission and aria2 keep both: they look at addresses" \
  "libtorrent keeps second; Transmission keeps first and second; aria2 keeps first" "$seen"
