#!/usr/bin/env bash
# The chosen files (BEP 53) and a peer's address (BEP 9) in a magnet link whose values are percent-encoded.
. "$(dirname "$0")/support/common.sh"
libtorrent
seen=$("$PYTHON" - <<'PY'
import libtorrent
base = "magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567"
out = []
for name, more in (("plain", "&so=0,2&x.pe=[fd77::1]:6881"), ("encoded", "&so=0%2C2&x.pe=%5Bfd77%3A%3A1%5D%3A6881&dn=C%2B%2B")):
    read = libtorrent.parse_magnet_uri(base + more)
    out.append("%s: %s files told, %d peer%s" % (name, len(read.file_priorities) or "no", len(read.peers), ", name " + read.name if read.name else ""))
print("; ".join(out))
PY
)
report "libtorrent 2.0.8" "the same for both: name and trackers are decoded, so the others are too" \
  "plain: 3 files told, 1 peer; encoded: no files told, 0 peer, name C++" "$seen"
