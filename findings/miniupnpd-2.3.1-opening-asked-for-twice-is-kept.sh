#!/usr/bin/env bash
# PCP for IPv6: an opening is asked for once or, as after a lost answer, twice with the same nonce; then it is given back (lifetime 0).
. "$(dirname "$0")/support/common.sh"
miniupnpd
seen=$(alone "$PYTHON" - <<'PY'
import time
from router import Router, shell
ASK = """
import socket, sys, time
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(("2001:db9:50::2", 0))
s.settimeout(3)
for request in sys.argv[1:]:
    s.sendto(bytes.fromhex(request), ("2001:db9:50::1", 5351))
    print(s.recv(1100)[3])
    time.sleep(0.3)
"""
def request(nonce, port, lifetime):
    us = bytes.fromhex("20010db9005000000000000000000002")
    number = port.to_bytes(2, "big")
    return (b"\2\1\0\0" + lifetime.to_bytes(4, "big") + us + nonce * 12 + b"\6\0\0\0" + number + number + bytes(16)).hex()
router = Router()
shell("ip -6 addr add 2001:db9:50::1/64 dev lan nodad; ip -6 addr add 2001:db9:51::1/64 dev wan nodad; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding")
shell("nsenter -t %d -n ip -6 addr add 2001:db9:50::2/64 dev home nodad" % router.inside.pid)
time.sleep(2.5)
router.start()
def results(nonce, port, times):
    asked = [request(nonce, port, 3600)] * times + [request(nonce, port, 0)]
    out = router.at_home("/usr/bin/python3", "-c", ASK, *asked).communicate()[0].split()
    return "%s, then given back: result %s" % (" and ".join(out[:-1]), out[-1])
print("asked once: %s; asked twice: %s" % (results(b"\1", 7001, 1), results(b"\2", 7002, 2)))
router.end()
PY
)
report "miniupnpd 2.3.1 (nftables)" \
  "a request that comes again changes nothing (RFC 6887, 11.3): either opening can be given back, result 0" \
  "asked once: 0, then given back: result 0; asked twice: 0 and 0, then given back: result 2" "$seen"
