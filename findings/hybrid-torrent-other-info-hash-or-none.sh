#!/usr/bin/env bash
# A hybrid torrent (BEP 52), made to be taken by clients of v1 as well: the v1 info-hash that each reads in it.
. "$(dirname "$0")/support/common.sh"
libtorrent
transmission
aria2
npm_packages parse-torrent@11.0.24
"$PYTHON" - <<'PY' >"$TMP/expected"
import os, libtorrent
folder = os.environ["TMP"] + "/album"
os.makedirs(folder)
for name, size in (("a.bin", 100000), ("b.txt", 5000)):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(b"x" * size)
files = libtorrent.file_storage()
libtorrent.add_files(files, folder)
maker = libtorrent.create_torrent(files, 32768)
libtorrent.set_piece_hashes(maker, os.path.dirname(folder))
with open(os.environ["TMP"] + "/hybrid.torrent", "wb") as file:
    file.write(libtorrent.bencode(maker.generate()))
print(libtorrent.torrent_info(file.name).info_hashes().v1)
PY
cat >"$TMP/parse.mjs" <<'JS'
import parse from 'parse-torrent';
import { readFileSync } from 'node:fs';
console.log((await parse(readFileSync(process.env.TMP + '/hybrid.torrent'))).infoHash);
JS
expected=$(cat "$TMP/expected")
# says COMMAND...: what the hash that it prints is.
says() {
  local found
  found=$("$@" 2>/dev/null | grep -oiE '\b[0-9a-f]{40}\b' | head -n 1)
  if [ -z "$found" ]; then echo none; elif [ "$found" = "$expected" ]; then echo right; else echo wrong; fi
}
seen="parse-torrent $(says node "$TMP/parse.mjs"), aria2 $(says aria2c -S "$TMP/hybrid.torrent"), Transmission $(says transmission-show "$TMP/hybrid.torrent")"
report "aria2 1.36.0, Transmission 3.00, parse-torrent 11.0.24 on a file of libtorrent 2.0.8" \
  "right from all: to a client of v1 the keys of v2 are unknown keys" \
  "parse-torrent right, aria2 wrong, Transmission none" "$seen"
