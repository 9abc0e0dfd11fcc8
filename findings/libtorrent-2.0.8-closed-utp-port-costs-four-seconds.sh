#!/usr/bin/env bash
# A peer that takes TCP alone: its host answers the first uTP packet at once with "port unreachable" (ICMP). And one that lets it go unanswered.
. "$(dirname "$0")/support/common.sh"
libtorrent
seen=$(alone "$PYTHON" - <<'PY'
import hashlib, select, socket, struct, time
from bencode import encode, info
from clients import Libtorrent
from peer import Peer, fresh_address
hash = hashlib.sha1(encode(info())).digest()
def dialled(port, silent):
    """From being named by peer exchange to the TCP connection."""
    peer = Peer(port, hash).greet({"ut_pex": 1})
    peer.messages(2)
    host = fresh_address()
    ear = socket.socket()
    ear.bind((host, 7001))
    ear.listen()
    sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sink.bind((host, 7001 if silent else 7002))
    start = time.monotonic()
    peer.extended(peer.their_handshake()["m"]["ut_pex"], {"added": socket.inet_aton(host) + struct.pack(">H", 7001), "added.f": b"\0"})
    ready = select.select([ear], [], [], 20)[0]
    seconds = time.monotonic() - start
    peer.end()
    if not ready:
        return "not in 20 s"
    return "within 2 s" if seconds < 2 else "after 3 to 7 s" if 3 <= seconds < 7 else "after %.0f s" % seconds
out = []
for what, utp, silent in (("no uTP of its own", False, False), ("port closed", True, False), ("silent", True, True)):
    client = Libtorrent({"enable_outgoing_utp": utp, "enable_incoming_utp": True, "listen_interfaces": "10.77.0.1:6891"}).leech(info())
    out.append("%s %s" % (what, dialled(client.port, silent)))
    client.end()
print("TCP: " + "; ".join(out))
PY
)
report "libtorrent 2.0.8" "port closed: within 2 s, as the system passes the ICMP error on" \
  "TCP: no uTP of its own within 2 s; port closed after 3 to 7 s; silent after 3 to 7 s" "$seen"
