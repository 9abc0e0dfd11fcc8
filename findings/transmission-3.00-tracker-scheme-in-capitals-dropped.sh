#!/usr/bin/env bash
# A tracker whose URL begins with HTTP: the scheme of a URL is the same in capitals (RFC 3986, 3.1).
. "$(dirname "$0")/support/common.sh"
aria2
transmission
libtorrent
"$PYTHON" - <<'PY'
import os
from bencode import info, write_torrent
write_torrent(os.path.join(os.environ["TMP"], "caps"), info(), announce="HTTP://127.0.0.1/a")
PY
library=$("$PYTHON" -c 'import libtorrent, sys; print(len(list(libtorrent.torrent_info(sys.argv[1]).trackers())))' "$TMP/caps")
seen="aria2 $(aria2c --no-conf -S "$TMP/caps" | grep -ci '^ *http://127.0.0.1/a$'), Transmission $(transmission-show "$TMP/caps" | grep -ci '^ *http://127.0.0.1/a$'), libtorrent $library"
report "Transmission 3.00 (aria2 1.36.0, libtorrent 2.0.8)" "all three have the tracker" "aria2 1, Transmission 0, libtorrent 1" "$seen"
