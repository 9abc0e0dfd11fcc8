#!/usr/bin/env bash
# An info dictionary with a key of its own whose integer needs more than 53 bits.
. "$(dirname "$0")/support/common.sh"
libtorrent
npm_packages parse-torrent@11.0.24
hash=$("$PYTHON" - <<'PY'
import os
from bencode import info, write_torrent
print(write_torrent(os.path.join(os.environ["TMP"], "big.torrent"), info(**{"x-made": 2**53 + 1})))
PY
)
cat >"$TMP/read.mjs" <<'JS'
import { readFileSync } from 'node:fs';
import parse from 'parse-torrent';
console.log((await parse(readFileSync(process.argv[2]))).infoHash);
JS
theirs=$(node "$TMP/read.mjs" "$TMP/big.torrent")
library=$("$PYTHON" -c 'import libtorrent, sys; print(libtorrent.torrent_info(sys.argv[1]).info_hash())' "$TMP/big.torrent")
compare() { if [ "$1" = "$hash" ]; then echo right; else echo wrong; fi; }
report "parse-torrent 11.0.24 (bencode 4.0.1), libtorrent 2.0.8" "the hash of the bytes in the file, whatever the number is, or an error" \
  "libtorrent right, parse-torrent wrong" "libtorrent $(compare "$library"), parse-torrent $(compare "$theirs")"
