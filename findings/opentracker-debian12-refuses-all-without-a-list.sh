#!/usr/bin/env bash
# Debian's opentracker without a list of torrents (option -w), as its manual page has it: the list is an option.
. "$(dirname "$0")/support/common.sh"
opentracker
seen=$(alone "$PYTHON" - <<'PY'
from opentracker import OpenTracker
out = []
for listed in (False, True):
    tracker = OpenTracker(listed)
    answers = [tracker.announce("10.77.1.6", 7006), tracker.announce("10.77.1.6", 7006, event="stopped")]
    out.append("; ".join(answer.get("failure reason", b"accepted").decode() for answer in answers))
    tracker.end()
print("without a list: %s (stopped); with one: %s (stopped)" % tuple(out))
PY
)
report "opentracker 0.0~git20210823.110868e-3" \
  "accepted: the manual page says that everyone who announces a torrent is welcome" \
  "without a list: Requested download is not authorized for use with this tracker.; accepted (stopped); with one: accepted; accepted (stopped)" "$seen"
