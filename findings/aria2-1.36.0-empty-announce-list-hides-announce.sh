#!/usr/bin/env bash
# A torrent with a tracker in `announce` and an `announce-list` that names none.
. "$(dirname "$0")/support/common.sh"
aria2
transmission
libtorrent
"$PYTHON" - <<'PY'
import os
from bencode import info, write_torrent
for name, tiers in (("none", None), ("empty", []), ("tier", [[]])):
    more = {} if tiers is None else {"announce-list": tiers}
    write_torrent(os.path.join(os.environ["TMP"], name), info(), announce="http://127.0.0.1/a", **more)
PY
seen=""
for name in none empty tier; do
  count=$(aria2c --no-conf -S "$TMP/$name" | grep -c '^ *http://127.0.0.1/a$')
  others=$(transmission-show "$TMP/$name" | grep -c '^ *http://127.0.0.1/a$')
  library=$("$PYTHON" -c 'import libtorrent, sys; print(len(list(libtorrent.torrent_info(sys.argv[1]).trackers())))' "$TMP/$name")
  seen="$seen$name: aria2 $count, Transmission $others, libtorrent $library; "
done
report "aria2 1.36.0 (Transmission 3.00, libtorrent 2.0.8)" "a list without a URL counts as no list: one tracker each" \
  "none: aria2 1, Transmission 1, libtorrent 1; empty: aria2 0, Transmission 1, libtorrent 1; tier: aria2 0, Transmission 1, libtorrent 1; " "$seen"
