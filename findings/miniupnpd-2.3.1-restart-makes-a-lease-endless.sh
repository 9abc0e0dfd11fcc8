#!/usr/bin/env bash
# A mapping of 5 seconds (NAT-PMP), and a router whose daemon is stopped and started before they are over.
. "$(dirname "$0")/support/common.sh"
miniupnpd
seen=$(alone "$PYTHON" - <<'PY'
import re, time
from router import Router
router = Router()
router.start()
given = "%d of %d s" % router.map(6881, 7000, 5)[::2]
time.sleep(12)
first = "rules after 12 s: %d" % router.rules("dport 7000")
router.map(6881, 7000, 5)
router.stop()
stopped = "stopped: %d" % router.rules("dport 7000")
router.start()
time.sleep(20)
later = "20 s after the start: %d" % router.rules("dport 7000")
listed = re.findall(r"UDP +7000->.* (\d+)\s*$", router.at_home("upnpc", "-l").communicate()[0], re.M)
router.end()
print("result %s, %s; %s, %s, listed with a lease of %s" % (given, first, stopped, later, " ".join(listed) or "nothing"))
PY
)
report "miniupnpd 2.3.1 (nftables), no lease file" \
  "the rules go when the daemon ends, or at the latest when the 5 s are over" \
  "result 0 of 5 s, rules after 12 s: 0; stopped: 1, 20 s after the start: 1, listed with a lease of 0" "$seen"
