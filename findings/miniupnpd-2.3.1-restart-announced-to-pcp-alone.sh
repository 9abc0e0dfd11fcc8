#!/usr/bin/env bash
# A router with NAT-PMP and PCP starts: what hears who listens for RFC 6886's announcement of the outer address at 224.0.0.1:5350?
. "$(dirname "$0")/support/common.sh"
miniupnpd
seen=$(alone "$PYTHON" - <<'PY'
import time
from router import Router
LISTEN = """
import socket, struct, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 5350))
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("224.0.0.1") + socket.inet_aton("10.77.1.2"))
end = time.monotonic() + 15
heard = []
while (left := end - time.monotonic()) > 0:
    s.settimeout(left)
    try:
        data = s.recv(1100)
        heard.append("%d bytes, version %d, opcode %d" % (len(data), data[0], data[1] & 127))
    except TimeoutError:
        pass
print("; ".join(heard))
"""
router = Router()
listener = router.at_home("/usr/bin/python3", "-c", LISTEN)
time.sleep(2)
router.start()
answer = router.ask(b"\0\0")
heard = listener.communicate()[0].strip()
router.end()
print("asked by NAT-PMP: version %d, result %d; heard in 15 s: %s" % (answer[0], answer[3], heard))
PY
)
report "miniupnpd 2.3.1 (nftables)" \
  "NAT-PMP is served, so its announcements (version 0, opcode 0, 12 bytes, up to ten of them) come too" \
  "asked by NAT-PMP: version 0, result 0; heard in 15 s: 24 bytes, version 2, opcode 0" "$seen"
