#!/usr/bin/env bash
# A magnet link in capitals, as a QR code of the compact alphanumeric kind holds it: schemes, URN prefixes and base32 have no case.
. "$(dirname "$0")/support/common.sh"
transmission
aria2
libtorrent
npm_packages magnet-uri@7.0.10
cat >"$TMP/read.mjs" <<'JS'
import magnet from 'magnet-uri';
console.log(process.argv.slice(2).map((link) => (magnet(link).infoHash ? 1 : 0)).join(''));
JS
hash=AERUKZ4JVPG66AJDIVTYTK6N54ASGRLH
set -- "magnet:?xt=urn:btih:$hash" "MAGNET:?xt=urn:btih:$hash" "magnet:?xt=URN:BTIH:$hash" "MAGNET:?XT=URN:BTIH:$hash"
cat >"$TMP/try.py" <<'PY'
import sys, urllib.error
import libtorrent
from clients import Aria2, Transmission

def tries(take):
    out = ""
    for link in sys.argv[1:]:
        try:
            out += "1" if take(link) else "0"
        except (RuntimeError, urllib.error.HTTPError):
            out += "0"
    return out

transmission, aria2 = Transmission(), Aria2()
def to_transmission(link):
    if transmission.call("torrent-add", filename=link, paused=True)["result"] != "success":
        return False
    transmission.call("torrent-remove", ids=[t["id"] for t in transmission.call("torrent-get", fields=["id"])["arguments"]["torrents"]])
    return True
def to_aria2(link):
    aria2.call("forceRemove", aria2.call("addUri", [link]))
    return True
print("libtorrent %s, Transmission %s, aria2 %s" % (tries(libtorrent.parse_magnet_uri), tries(to_transmission), tries(to_aria2)))
transmission.end()
aria2.end()
PY
seen=$(alone "$PYTHON" "$TMP/try.py" "$@")
report "libtorrent 2.0.8, Transmission 3.00, aria2 1.36.0, magnet-uri 7.0.10" "1111 each (small letters, scheme, URN, all in capitals): 1 is taken" \
  "libtorrent 1000, Transmission 1000, aria2 1000, magnet-uri 1000" "$seen, magnet-uri $(node "$TMP/read.mjs" "$@")"
