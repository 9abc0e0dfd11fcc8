#!/usr/bin/env bash
# Three peers connect one after the other and say their listening port (BEP 10, p): who stands in the list that the last one gets?
. "$(dirname "$0")/support/common.sh"
libtorrent
transmission
aria2
seen=$(alone "$PYTHON" - <<'PY'
import hashlib, socket, time
from bencode import decode, encode, info
from clients import Aria2, Libtorrent, Transmission
from peer import EXTENDED, Peer, fresh_address
hash = hashlib.sha1(encode(info())).digest()
out = []
for make in (Libtorrent, Transmission, Aria2):
    client = make().leech(info())
    hosts = [fresh_address() for _ in range(3)]
    peers = []
    for host in hosts:
        peers.append(Peer(client.port, hash, host).greet({"ut_pex": 1}, p=7001))
        peers[-1].messages(0.3)
    peers[-1].messages(8)
    lists = [decode(body[1:])[0].get("added", b"") for kind, body in peers[-1].heard if kind == EXTENDED and body[0] == 1]
    told = {socket.inet_ntoa(added[i : i + 4]) for added in lists for i in range(0, len(added), 6)}
    out.append("%s %s" % (client.name, " ".join(name for name, host in zip(("first", "second", "itself"), hosts) if host in told) or "nobody"))
    for peer in peers:
        peer.end()
    client.end()
print("; ".join(out))
PY
)
report "libtorrent 2.0.8, Transmission 3.00, aria2 1.36.0" "the first and the second: a peer knows of itself" \
  "libtorrent first second itself; Transmission first second itself; aria2 first second" "$seen"
