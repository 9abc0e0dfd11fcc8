#!/usr/bin/env bash
# Ten nodes near an info-hash, all of them answer and give a token: which are asked for peers, and which does a seed announce itself to?
. "$(dirname "$0")/support/common.sh"
rtorrent
seen=$(alone "$PYTHON" - <<'PY'
import hashlib, os, select, socket, time
from bencode import decode, encode, info
from rtorrent import RTorrent
hash = hashlib.sha1(encode(info())).digest()
places = ["10.77.%d.1:7000" % (50 + i) for i in range(10)]
sockets, ids = [], []
for i, place in enumerate(places):
    node = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    node.bind((place.split(":")[0], 7000))
    sockets.append(node)
    # The first is the closest.
    ids.append(bytes((hash[0] ^ 64, hash[1] ^ i + 1)) + os.urandom(18))
near = b"".join(id + socket.inet_aton(place.split(":")[0]) + (7000).to_bytes(2, "big") for id, place in zip(ids, places))
asked, told = set(), set()
client = RTorrent(places, seeds=True)
end = time.monotonic() + 60
while time.monotonic() < end:
    for node in select.select(sockets, [], [], 0.5)[0]:
        data, source = node.recvfrom(2000)
        message = decode(data)[0]
        if message["y"] != b"q":
            continue
        answer = {"id": ids[sockets.index(node)]}
        if message["q"] in (b"find_node", b"get_peers"):
            answer["nodes"] = near
        if message["q"] == b"get_peers":
            answer["token"] = b"abcd"
        if message["a"].get("info_hash") == hash:
            (told if message["q"] == b"announce_peer" else asked).add(sockets.index(node) + 1)
        node.sendto(encode({"t": message["t"], "y": "r", "r": answer}), source)
client.end()
print("asked %s; announced to %s" % (sorted(asked), sorted(told)))
PY
)
report "rTorrent 0.9.8" "asked and announced to at least the 8 closest, as many as a bucket holds" "asked [1, 2, 3]; announced to [1, 2, 3]" "$seen"
