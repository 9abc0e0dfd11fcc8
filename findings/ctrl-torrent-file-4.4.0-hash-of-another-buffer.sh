#!/usr/bin/env bash
# Two torrents in Node's buffers, each asked for its name.
. "$(dirname "$0")/support/common.sh"
npm_packages @ctrl/torrent-file@4.4.0
"$PYTHON" - <<'PY'
import os
from bencode import info, write_torrent
for name in ("first", "second"):
    write_torrent(os.path.join(os.environ["TMP"], name), info(name=name))
PY
cat >"$TMP/read.mjs" <<'JS'
import { readFileSync } from 'node:fs';
import { hash, info } from '@ctrl/torrent-file';
// Node cuts small buffers from one block of memory; so it does for what comes from sockets and base64.
const [first, second] = ['first', 'second'].map((name) => Buffer.from(readFileSync(`${process.env.TMP}/${name}`).toString('base64'), 'base64'));
const said = (torrent) => {
  try {
    return info(torrent).name;
  } catch (error) {
    return error.message;
  }
};
const own = (torrent) => info(new Uint8Array(torrent)).name;
console.log(`same memory: ${first.buffer === second.buffer}; of copies: ${own(first)} ${own(second)}; second as a Buffer: ${said(second) === 'second' ? 'second' : 'not second'}`);
JS
seen=$(node "$TMP/read.mjs")
report "@ctrl/torrent-file 4.4.0" "a Buffer is a Uint8Array: the second one is read as the second torrent" \
  "same memory: true; of copies: first second; second as a Buffer: not second" "$seen"
