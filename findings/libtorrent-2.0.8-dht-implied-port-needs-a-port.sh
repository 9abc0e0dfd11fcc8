#!/usr/bin/env bash
# An announce_peer that says implied_port=1 and so leaves `port` out, which BEP 5 has the node ignore then; and one of port 0.
. "$(dirname "$0")/support/common.sh"
libtorrent
transmission
npm_packages bittorrent-dht@11.0.12
seen=$(alone "$PYTHON" - <<'PY'
import os
from dht import ask, endpoint, nodes
def announce(to_port, **more):
    asker = endpoint()
    wanted = os.urandom(20)
    token = ask(asker, to_port, "get_peers", info_hash=wanted)["token"]
    answer = ask(asker, to_port, "announce_peer", info_hash=wanted, token=token, **more)
    values = ask(asker, to_port, "get_peers", info_hash=wanted).get("values", [])
    ports = [int.from_bytes(value[4:], "big") for value in values]
    own = asker.getsockname()[1]
    given = " ".join("its own" if found == own else str(found) for found in ports) or "nobody"
    return given if not isinstance(answer, list) else "error %d" % answer[0]
out = []
for node in nodes("libtorrent", "Transmission", "bittorrent-dht"):
    out.append("%s: implied without port %s, with port %s, port 0 %s" % (node.name, announce(node.port, implied_port=1), announce(node.port, implied_port=1, port=5000), announce(node.port, port=0)))
print("; ".join(out))
PY
)
report "libtorrent 2.0.8 (Transmission 3.00, bittorrent-dht 11.0.12)" \
  "the sender's own port in both cases, and an error for port 0, from all" \
  "libtorrent: implied without port error 203, with port its own, port 0 0; Transmission: implied without port its own, with port its own, port 0 error 203; bittorrent-dht: implied without port its own, with port its own, port 0 nobody" "$seen"
