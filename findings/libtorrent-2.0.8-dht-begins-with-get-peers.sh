#!/usr/bin/env bash
# A DHT node with an empty table asks its bootstrap node: with find_node for its own id, as BEP 5 has it.
. "$(dirname "$0")/support/common.sh"
libtorrent
npm_packages bittorrent-dht@11.0.12
cat >"$TMP/begin.mjs" <<'JS'
import DHT from 'bittorrent-dht';
new DHT({ bootstrap: ['10.77.9.1:7000'] }).listen(20000);
JS
seen=$(alone "$PYTHON" - <<'PY'
import os, socket, subprocess, time
from bencode import decode, encode, info
from clients import Libtorrent
def bound():
    """The bootstrap node's socket."""
    found = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    found.bind(("10.77.9.1", 7000))
    found.settimeout(0.2)
    return found
def asked(seconds=12):
    """The queries heard, without repeats; each is answered as by a node that knows no other."""
    found = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            data, sender = node.recvfrom(2000)
        except TimeoutError:
            continue
        query = decode(data)[0]
        if query["y"] == b"q" and query["q"].decode() not in found:
            found.append(query["q"].decode())
        node.sendto(encode({"t": query["t"], "y": "r", "r": {"id": b"n" * 20, "nodes": b"", "token": b"t"}}), sender)
    return " ".join(found) or "nothing"
node = bound()
client = Libtorrent({"enable_dht": True, "dht_bootstrap_nodes": "10.77.9.1:7000", "listen_interfaces": "10.77.0.1:6891"})
out = "libtorrent %s" % asked()
client.leech(info()).end()
node.close()
node = bound()
process = subprocess.Popen(["node", os.environ["TMP"] + "/begin.mjs"])
out += "; bittorrent-dht %s" % asked()
process.terminate()
process.wait()
print(out)
PY
)
report "libtorrent 2.0.8 (bittorrent-dht 11.0.12)" "libtorrent find_node; bittorrent-dht find_node" "libtorrent get_peers; bittorrent-dht find_node" "$seen"
