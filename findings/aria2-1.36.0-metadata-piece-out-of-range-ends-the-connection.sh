#!/usr/bin/env bash
# A request for the piece of the metadata behind the last one: BEP 9 has a reject for what a peer does not have.
. "$(dirname "$0")/support/common.sh"
transmission
aria2
libtorrent
seen=$(alone "$PYTHON" - <<'PY'
import hashlib
from bencode import decode, encode, info
from clients import Aria2, Libtorrent, Transmission
from peer import EXTENDED, Peer
torrent = info()
hash = hashlib.sha1(encode(torrent)).digest()
out = []
for make in (Libtorrent, Transmission, Aria2):
    client = make().seed(torrent)
    peer = Peer(client.port, hash).greet({"ut_metadata": 3})
    peer.messages(1)
    peer.extended(peer.their_handshake()["m"]["ut_metadata"], {"msg_type": 0, "piece": 1})
    answers = [decode(body[1:])[0]["msg_type"] for kind, body in peer.messages(6) if kind == EXTENDED and body[0] == 3]
    out.append("%s %s%s" % (client.name, "reject" if answers == [2] else answers or "nothing", ", closed" if peer.closed else ""))
    peer.end()
    client.end()
print("; ".join(out))
PY
)
report "aria2 1.36.0 (libtorrent 2.0.8, Transmission 3.00)" "a reject from all" "libtorrent reject; Transmission reject; aria2 nothing, closed" "$seen"
