#!/usr/bin/env bash
# A remote control asks for fields that this version does not have yet (trackerList is of version 4), and for a torrent by its number as text.
. "$(dirname "$0")/support/common.sh"
transmission
seen=$(alone "$PYTHON" - <<'PY'
import json
from bencode import encode, info
from clients import Transmission
client = Transmission()
client.add(encode({"info": info()}))
def torrents(ids, fields):
    answer = client.call("torrent-get", ids=ids, fields=fields)
    return "%s %s" % (answer["result"], json.dumps(answer["arguments"]["torrents"]))
print("; ".join((torrents([1], ["trackerList", "x"]), torrents(["1"], ["id"]), torrents(1, ["id"]))))
client.end()
PY
)
report "Transmission 3.00" \
  "unknown fields are left out or an error, so that \`?? []\` finds them missing; the text is read as a number or is an error" \
  'success [{"trackerList": 0, "x": 0}]; success []; success [{"id": 1}]' "$seen"
