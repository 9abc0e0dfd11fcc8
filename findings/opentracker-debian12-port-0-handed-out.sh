#!/usr/bin/env bash
# A client that cannot be reached announces port 0; then two seeds announce: what does the second one get?
. "$(dirname "$0")/support/common.sh"
opentracker
seen=$(alone "$PYTHON" - <<'PY'
from opentracker import OpenTracker, peers
tracker = OpenTracker()
tracker.announce("10.77.1.6", 0)
tracker.announce("10.77.1.8", 7008, left=0)
first = peers(tracker.announce("10.77.1.7", 7007, left=0))
tracker.end()
print(" ".join(first))
PY
)
report "opentracker 0.0~git20210823.110868e-3" \
  "nothing: who has port 0 cannot be dialled, a seed has no use for a seed, and the asker knows itself" \
  "10.77.1.6:0 10.77.1.7:7007 10.77.1.8:7008" "$seen"
