#!/usr/bin/env bash
# An extension message (BEP 10) under an id that the client never declared, and an unknown msg_type of ut_metadata, which BEP 9 says to ignore.
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
    ends = []
    for kind in ("undeclared", "type 3"):
        peer = Peer(client.port, hash).greet({"ut_metadata": 3})
        peer.messages(1)
        number = 99 if kind == "undeclared" else peer.their_handshake()["m"]["ut_metadata"]
        peer.extended(number, {"x": 1} if kind == "undeclared" else {"msg_type": 3, "piece": 0})
        peer.messages(3)
        ends.append("%s %s" % (kind, "closed" if peer.closed else "kept"))
        peer.end()
    client.end()
    out.append(client.name + " " + ", ".join(ends))
print("; ".join(out))
PY
)
report "libtorrent 2.0.8, Transmission 3.00, aria2 1.36.0" "ignored by all" \
  "libtorrent undeclared closed, type 3 kept; Transmission undeclared kept, type 3 kept; aria2 undeclared closed, type 3 closed" "$seen"
