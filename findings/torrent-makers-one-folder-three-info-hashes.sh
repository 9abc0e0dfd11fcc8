#!/usr/bin/env bash
# One folder and one piece length, three makers of torrents: are they one torrent?
. "$(dirname "$0")/support/common.sh"
debian mktorrent 1.1-3
transmission
usable mktorrent
npm_packages create-torrent@6.1.3

mkdir -p "$TMP/album/sub"
for name in a.bin B.bin sub.txt sub/c.bin; do head -c 40000 /dev/zero | tr '\0' "${name:0:1}" >"$TMP/album/$name"; done
cat >"$TMP/make.mjs" <<'JS'
import make from 'create-torrent';
import { writeFileSync } from 'node:fs';
const [folder, to] = process.argv.slice(2);
make(folder, { pieceLength: 32768, announceList: [['http://127.0.0.1/a']] }, (error, torrent) => writeFileSync(to, torrent));
JS
mktorrent -l 15 -a http://127.0.0.1/a -o "$TMP/1" "$TMP/album" >/dev/null
transmission-create -s 32 -t http://127.0.0.1/a -o "$TMP/2" "$TMP/album" >/dev/null 2>&1
node "$TMP/make.mjs" "$TMP/album" "$TMP/3"
seen=$("$PYTHON" - "$TMP"/[1-3] <<'PY'
import hashlib, sys
from bencode import decode, encode
infos = [decode(open(path, "rb").read())[0]["info"] for path in sys.argv[1:]]
orders = [" ".join("/".join(c.decode() for c in file["path"]) for file in info["files"]) for info in infos]
hashes = {hashlib.sha1(encode(info)).digest() for info in infos}
print(len(hashes), "info-hashes; mktorrent:", orders[0] + "; transmission-create:", orders[1] + (" with private=0" if infos[1].get("private") == 0 else "") + "; create-torrent:", orders[2])
PY
)
report "mktorrent 1.1, transmission-create 3.00, create-torrent 6.1.3" \
  "sorted names and the same three keys, so one info-hash: who makes it again joins the same swarm" \
  "3 info-hashes; mktorrent: B.bin a.bin sub.txt sub/c.bin; transmission-create: a.bin B.bin sub.txt sub/c.bin with private=0; create-torrent: B.bin a.bin sub/c.bin sub.txt" \
  "$seen"
