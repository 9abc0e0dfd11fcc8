#!/usr/bin/env bash
# A web seed that has two files of three (20 pieces each) and says 404 for the third: are the 40 pieces of the two taken?
. "$(dirname "$0")/support/common.sh"
libtorrent
transmission
aria2
seen=$(alone "$PYTHON" - <<'PY'
import time
from bencode import encode, hashes
from clients import Aria2, Libtorrent, Transmission
from webseed import WebSeed
PIECE = 32768
files = {name: name.encode() * (PIECE * 4) for name in ("a.bin", "b.bin", "c.bin")}
files = {name: data[: PIECE * 20] for name, data in files.items()}
pieces = hashes(b"".join(files.values()), PIECE)
listed = [{"length": len(data), "path": [name]} for name, data in files.items()]
info = {"name": "album", "piece length": PIECE, "pieces": pieces, "files": listed}
del files["b.bin"]
def taken(client):
    if client.name == "libtorrent":
        return client.handle.status().total_done / PIECE
    if client.name == "aria2":
        return int(client.call("tellStatus", client.number)["completedLength"]) / PIECE
    torrent = client.call("torrent-get", fields=["haveValid"])["arguments"]["torrents"][0]
    return torrent["haveValid"] / PIECE
out = []
for make in (Libtorrent, Aria2, Transmission):
    seed = WebSeed(files=files)
    client = make()
    client.add(encode({"info": info, "url-list": "http://%s/" % seed.address}))
    time.sleep(15)
    asked = len(seed.requests)
    time.sleep(25)
    more = "" if client.name != "Transmission" else ", asks no more" if len(seed.requests) == asked else ", still asks"
    out.append("%s %s%s" % (client.name, "all 40" if taken(client) == 40 else "fewer than 30" if taken(client) < 30 else "%d" % taken(client), more))
    client.end()
    seed.end()
print("; ".join(out))
PY
)
report "Transmission 3.00 (libtorrent 2.0.8, aria2 1.36.0)" "all 40 by all: a 404 speaks of one file" \
  "libtorrent all 40; aria2 all 40; Transmission fewer than 30, asks no more" "$seen"
