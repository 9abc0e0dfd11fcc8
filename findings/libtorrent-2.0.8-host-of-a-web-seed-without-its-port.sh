#!/usr/bin/env bash
# The Host header of a request to a web seed at a port that is not 80: the port belongs to it (RFC 9110, 7.2).
. "$(dirname "$0")/support/common.sh"
libtorrent
transmission
aria2
seen=$(alone "$PYTHON" - <<'PY'
import time
from clients import Aria2, Libtorrent, Transmission
from webseed import WebSeed
out = []
for make in (Libtorrent, Transmission, Aria2):
    seed = WebSeed()
    client = make()
    client.add(seed.torrent())
    for _ in range(150):
        if seed.requests:
            break
        time.sleep(0.1)
    host = seed.requests[0][1]["Host"] if seed.requests else "no request"
    out.append("%s %s" % (client.name, {seed.address: "host:port", "10.77.0.1": "host alone"}.get(host, host)))
    client.end()
    seed.end()
print("; ".join(out))
PY
)
report "libtorrent 2.0.8 (Transmission 3.00, aria2 1.36.0)" \
  "host:port from all" "libtorrent host alone; Transmission host:port; aria2 host:port" "$seen"
