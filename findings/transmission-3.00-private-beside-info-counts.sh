#!/usr/bin/env bash
# `private` outside of the info dictionary, where BEP 27 gives it no meaning and no hash covers it.
. "$(dirname "$0")/support/common.sh"
transmission
libtorrent
npm_packages parse-torrent@11.0.24
"$PYTHON" - <<'PY'
import os
from bencode import info, write_torrent
write_torrent(os.path.join(os.environ["TMP"], "beside"), info(), announce="http://127.0.0.1/a", private=1)
PY
cat >"$TMP/read.mjs" <<'JS'
import { readFileSync } from 'node:fs';
import parse from 'parse-torrent';
console.log((await parse(readFileSync(process.argv[2]))).private === true ? 'private' : 'public');
JS
library=$("$PYTHON" -c 'import libtorrent, sys; print("private" if libtorrent.torrent_info(sys.argv[1]).priv() else "public")' "$TMP/beside")
transmission=$(transmission-show "$TMP/beside" | grep -q 'Privacy: Private' && echo private || echo public)
report "Transmission 3.00 (libtorrent 2.0.8, parse-torrent 11.0.24)" "public for all: only the info dictionary can make a torrent private" \
  "Transmission private, libtorrent public, parse-torrent public" "Transmission $transmission, libtorrent $library, parse-torrent $(node "$TMP/read.mjs" "$TMP/beside")"
