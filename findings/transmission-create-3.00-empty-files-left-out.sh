#!/usr/bin/env bash
# Empty files of a folder when transmission-create makes a torrent of it.
. "$(dirname "$0")/support/common.sh"
transmission
mkdir -p "$TMP/package"
head -c 40000 /dev/zero >"$TMP/package/code.bin"
: >"$TMP/package/__init__.py"
: >"$TMP/package/.keep"
: >"$TMP/package/zero"
transmission-create -s 32 -o "$TMP/made" "$TMP/package" >/dev/null 2>&1
seen=$("$PYTHON" - "$TMP/made" <<'PY'
import sys
from bencode import decode
print(" ".join("/".join(c.decode() for c in f["path"]) for f in decode(open(sys.argv[1], "rb").read())[0]["info"]["files"]))
PY
)
report "transmission-create 3.00" "__init__.py code.bin zero: an empty file has a name and a length of 0, as BEP 3 allows and Transmission reads" "code.bin" "$seen"
