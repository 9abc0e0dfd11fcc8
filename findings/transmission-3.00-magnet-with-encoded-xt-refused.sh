#!/usr/bin/env bash
# A magnet link as URLSearchParams and Python's urlencode write it: the colons of xt are %3A.
. "$(dirname "$0")/support/common.sh"
transmission
aria2
libtorrent
npm_packages magnet-uri@7.0.10
cat >"$TMP/read.mjs" <<'JS'
import magnet from 'magnet-uri';
try {
  console.log(magnet(process.argv[2]).infoHash === undefined ? 'no hash and no error' : 'taken');
} catch {
  console.log('refused');
}
JS
link="magnet:?xt=urn%3Abtih%3A0123456789abcdef0123456789abcdef01234567&dn=a"
daemons=$(alone "$PYTHON" - "$link" <<'PY'
import sys
from clients import Aria2, Transmission
link = sys.argv[1]
transmission = Transmission()
answer = transmission.call("torrent-add", filename=link, paused=True)["result"]
transmission.end()
aria2 = Aria2()
number = aria2.call("addUri", [link])
taken = aria2.call("tellStatus", number).get("infoHash", "").startswith("0123456789abcdef")
aria2.end()
print("Transmission: %s; aria2: %s" % (answer, "taken" if taken else "refused"))
PY
)
library=$("$PYTHON" -c 'import libtorrent, sys; print("taken" if str(libtorrent.parse_magnet_uri(sys.argv[1]).info_hashes.v1).startswith("0123456789abcdef") else "refused")' "$link")
report "Transmission 3.00, magnet-uri 7.0.10 (aria2 1.36.0, libtorrent 2.0.8)" "taken by all: a query's values are percent-decoded" \
  "Transmission: invalid or corrupt torrent file; aria2: taken; libtorrent: taken; magnet-uri: no hash and no error" "$daemons; libtorrent: $library; magnet-uri: $(node "$TMP/read.mjs" "$link")"
