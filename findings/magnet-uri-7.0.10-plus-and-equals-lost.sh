#!/usr/bin/env bash
# A name with plus signs that magnet-uri wrote itself, and a tracker's URL with an equals sign that is not percent-encoded.
. "$(dirname "$0")/support/common.sh"
npm_packages magnet-uri@7.0.10
cat >"$TMP/read.mjs" <<'JS'
import magnet, { encode } from 'magnet-uri';
const infoHash = '0123456789abcdef0123456789abcdef01234567';
const again = magnet(encode({ infoHash, dn: 'C++ Book' })).dn;
const trackers = magnet(`magnet:?xt=urn:btih:${infoHash}&tr=http://127.0.0.1/a?key=1&tr=http://127.0.0.1/b`).announce;
const chosen = magnet(`magnet:?xt=urn:btih:${infoHash}&so=1&so=3`).so;
console.log(`name "${again}", trackers ${trackers.join(' ')}, so=1&so=3 ${JSON.stringify(chosen)}`);
JS
seen=$(node "$TMP/read.mjs")
report "magnet-uri 7.0.10" 'name "C++ Book", both trackers, [1,3]' 'name "C   Book", trackers http://127.0.0.1/b, so=1&so=3 [1,[3]]' "$seen"
