#!/usr/bin/env bash
# A peer that knows the info-hash of a private torrent asks a seed for its metadata (BEP 9; BEP 27 speaks of where peers come from alone).
. "$(dirname "$0")/support/common.sh"
libtorrent
transmission
aria2
seen=$(alone "$PYTHON" - <<'PY'
import hashlib
from bencode import encode, info
from clients import Aria2, Libtorrent, Transmission
from peer import EXTENDED, Peer
def metadata(make, torrent):
    client = make().seed(torrent)
    peer = Peer(client.port, hashlib.sha1(encode(torrent)).digest()).greet({"ut_metadata": 2})
    peer.messages(20, EXTENDED)
    number = peer.their_handshake()["m"].get("ut_metadata") if "m" in peer.their_handshake() else None
    given = False
    if number is not None:
        peer.extended(number, {"msg_type": 0, "piece": 0})
        given = any(kind == EXTENDED and body.endswith(encode(torrent)) for kind, body in peer.messages(5))
    peer.end()
    client.end()
    return "given" if given else "not offered" if number is None else "offered, not given"
makers = (Libtorrent, Transmission, Aria2)
print("; ".join("%s %s, private %s" % (make.name, metadata(make, info()), metadata(make, info(private=1))) for make in makers))
PY
)
report "libtorrent 2.0.8, Transmission 3.00, aria2 1.36.0" "given by all, private or not, so a magnet link with a tracker does for a private torrent" \
  "libtorrent given, private not offered; Transmission given, private not offered; aria2 given, private given" "$seen"
