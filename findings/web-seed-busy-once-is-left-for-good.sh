#!/usr/bin/env bash
# The only source of a torrent, a web seed, says once "503, Retry-After: 3" and would give everything from the second request on.
. "$(dirname "$0")/support/common.sh"
libtorrent
aria2
seen=$(alone "$PYTHON" - <<'PY'
import time
from clients import Aria2, Libtorrent
from webseed import WebSeed
out = []
for make in (Libtorrent, Aria2):
    seed = WebSeed(busy=1)
    client = make()
    client.add(seed.torrent())
    end = time.monotonic() + 60
    while len(seed.requests) < 2 and time.monotonic() < end:
        time.sleep(0.2)
    out.append("%s %s" % (client.name, "asks again" if len(seed.requests) > 1 else "asked once in 60 s"))
    client.end()
    seed.end()
print("; ".join(out))
PY
)
report "libtorrent 2.0.8, aria2 1.36.0" "both ask again after some 3 s" "libtorrent asked once in 60 s; aria2 asked once in 60 s" "$seen"
