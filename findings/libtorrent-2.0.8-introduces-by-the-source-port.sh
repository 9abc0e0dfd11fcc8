#!/usr/bin/env bash
# A peer dials it over TCP and says where it listens (BEP 10, "p"). Another peer is told of it by peer exchange, and asks to be brought together (BEP 55).
. "$(dirname "$0")/support/common.sh"
libtorrent
seen=$(alone "$PYTHON" - <<'PY'
import hashlib, socket, struct
from bencode import decode, encode, info
from clients import Libtorrent
from peer import EXTENDED, Peer, fresh_address
torrent = info()
hash = hashlib.sha1(encode(torrent)).digest()
client = Libtorrent().leech(torrent)
host = fresh_address()
target = Peer(client.port, hash, host).greet({"ut_pex": 1, "ut_holepunch": 2}, p=7001)
target.messages(1)
asker = Peer(client.port, hash).greet({"ut_pex": 1, "ut_holepunch": 2}, p=7001)
asker.messages(8)
heard = [body for kind, body in asker.heard if kind == EXTENDED]
number = asker.their_handshake()["m"]["ut_holepunch"]
lists = [decode(body[1:])[0].get("added", b"") for body in heard if body[0] == 1]
named = [struct.unpack(">H", added[i + 4 : i + 6])[0] for added in lists for i in range(0, len(added), 6) if socket.inet_ntoa(added[i : i + 4]) == host]
def asked(port):
    before = len(asker.heard)
    asker.send(EXTENDED, bytes([number, 0, 0]) + socket.inet_aton(host) + struct.pack(">HI", port, 0))
    asker.messages(2)
    for kind, body in asker.heard[before:]:
        if kind == EXTENDED and body[0] == 2:
            return "connect" if body[1] == 1 else "failed %d" % struct.unpack(">I", body[9:13])[0]
    return "nothing"
print("named by port %s; asked for 7001: %s; asked for the source port: %s" % (
    " ".join(map(str, named)) or "none", asked(7001), asked(target.socket.getsockname()[1])))
client.end()
PY
)
report "libtorrent 2.0.8" "it brings together whom it names" \
  "named by port 7001; asked for 7001: failed 2; asked for the source port: connect" "$seen"
