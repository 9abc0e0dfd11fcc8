#!/usr/bin/env bash
# A message of peer exchange (BEP 11) that names peers without their flags (`added.f`), and peers that the sender has left (`dropped`).
. "$(dirname "$0")/support/common.sh"
libtorrent
transmission
aria2
seen=$(alone "$PYTHON" - <<'PY'
import hashlib, select, socket, struct, time
from bencode import encode, info
from clients import Aria2, Libtorrent, Transmission
from peer import Peer, fresh_address
hash = hashlib.sha1(encode(info())).digest()
def dialled(port, flags):
    """The lists of one message whose peers are dialled within 10 s."""
    peer = Peer(port, hash).greet({"ut_pex": 1})
    peer.messages(2)
    ears, message = {}, {"added.f": b"\0"} if flags else {}
    for key in ("added", "dropped"):
        host = fresh_address()
        ear = socket.socket()
        ear.bind((host, 7001))
        ear.listen()
        ears[ear] = key
        message[key] = socket.inet_aton(host) + struct.pack(">H", 7001)
    peer.extended(peer.their_handshake()["m"]["ut_pex"], message)
    found = []
    end = time.monotonic() + 10
    while ears and (left := end - time.monotonic()) > 0:
        for ear in select.select(list(ears), [], [], left)[0]:
            found.append(ears.pop(ear))
            ear.accept()
    peer.end()
    return "+".join(sorted(found)) or "none"
out = []
for make in (Libtorrent, Transmission, Aria2):
    answers = []
    for flags in (True, False):
        client = make().leech(info())
        answers.append(dialled(client.port, flags))
        client.end()
    out.append("%s %s, without flags %s" % (client.name, *answers))
print("; ".join(out))
PY
)
report "libtorrent 2.0.8, Transmission 3.00, aria2 1.36.0" \
  "all dial the added, with flags and without, and nobody dials the dropped" \
  "libtorrent added, without flags none; Transmission added, without flags added; aria2 added+dropped, without flags added+dropped" "$seen"
