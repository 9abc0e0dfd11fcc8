#!/usr/bin/env bash
# A datagram of local discovery with two Infohash headers, as BEP 14 has it for several torrents: is the peer dialled for the second one?
. "$(dirname "$0")/support/common.sh"
libtorrent
transmission
aria2
cat >"$TMP/try.py" <<'PY'
import hashlib, select, socket, time
from bencode import encode, info
from clients import Aria2, Libtorrent, Transmission
from peer import fresh_address
mine, other = hashlib.sha1(encode(info())).hexdigest(), "ab" * 20
def dialled(*hashes):
    host = fresh_address()
    ear = socket.socket()
    ear.bind((host, 7001))
    ear.listen()
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.bind((host, 0))
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("10.77.0.1"))
    lines = ["BT-SEARCH * HTTP/1.1", "Host: 239.192.152.143:6771", "Port: 7001", *("Infohash: " + hash for hash in hashes), "", "", ""]
    sender.sendto("\r\n".join(lines).encode(), ("239.192.152.143", 6771))
    return "yes" if select.select([ear], [], [], 8)[0] else "no"
out = []
for make, settings in (
    (Libtorrent, {"enable_lsd": True, "listen_interfaces": "10.77.0.1:6891"}),
    (Transmission, {"lpd-enabled": True}),
    (Aria2, {"bt-enable-lpd": "true", "bt-lpd-interface": "10.77.0.1"}),
):
    client = make(settings).leech(info())
    time.sleep(7)
    out.append("%s %s/%s" % (client.name, dialled(mine, other), dialled(other, mine)))
    client.end()
print("; ".join(out))
PY
seen=$(alone sh -c 'ip link set lo multicast on && ip route add 224.0.0.0/4 dev lo && exec "$PYTHON" "$TMP/try.py"')
report "libtorrent 2.0.8, Transmission 3.00, aria2 1.36.0" \
  "dialled for the first/the second of two: yes/yes everywhere, so one datagram tells of several torrents" \
  "libtorrent yes/yes; Transmission yes/no; aria2 yes/no" "$seen"
