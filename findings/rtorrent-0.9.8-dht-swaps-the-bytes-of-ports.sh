#!/usr/bin/env bash
# A peer announces port 5000 (0x1388) to a DHT node, and another asks that node for peers (BEP 5: ports in network byte order).
. "$(dirname "$0")/support/common.sh"
rtorrent
libtorrent
transmission
aria2
seen=$(alone "$PYTHON" - <<'PY'
import os, threading, time
from bencode import decode, encode
from dht import ask, endpoint, nodes
from rtorrent import RTorrent
def told(port):
    asker, hash = endpoint(), os.urandom(20)
    for _ in range(20):
        answer = ask(asker, port, "get_peers", info_hash=hash)
        if isinstance(answer, dict):
            break
        time.sleep(1)
    else:
        raise SystemExit("cannot run: no answer to get_peers")
    ask(asker, port, "announce_peer", info_hash=hash, token=answer["token"], port=5000)
    values = ask(endpoint("10.77.4.1"), port, "get_peers", info_hash=hash)["values"]
    return ", ".join(str(int.from_bytes(value[4:], "big")) for value in values)
# rTorrent gives no token as long as it knows no other node.
neighbours = []
for i in range(10):
    neighbours.append(endpoint("10.77.%d.1" % (50 + i)))
    neighbours[-1].settimeout(None)
def answer(socket):
    own = os.urandom(20)
    while True:
        data, source = socket.recvfrom(2000)
        message = decode(data)[0]
        if message["y"] == b"q":
            socket.sendto(encode({"t": message["t"], "y": "r", "r": {"id": own, "nodes": b""}}), source)
for each in neighbours:
    threading.Thread(target=answer, args=(each,), daemon=True).start()
client = RTorrent(["%s:%d" % each.getsockname() for each in neighbours])
out = "rTorrent %s" % told(client.port)
client.end()
for node in nodes("libtorrent", "Transmission", "aria2"):
    out += "; %s %s" % (node.name, told(node.port))
print(out)
PY
)
report "rTorrent 0.9.8 (libtorrent 2.0.8, Transmission 3.00, aria2 1.36.0)" "5000 from all" "rTorrent 34835; libtorrent 5000; Transmission 5000; aria2 5000" "$seen"
