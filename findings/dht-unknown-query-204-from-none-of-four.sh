#!/usr/bin/env bash
# A query whose method no node knows: BEP 5 has the error 204, Method Unknown. (With a target, libtorrent takes it for find_node.)
. "$(dirname "$0")/support/common.sh"
libtorrent
transmission
aria2
npm_packages bittorrent-dht@11.0.12
seen=$(alone "$PYTHON" - <<'PY'
import os
from dht import ask, endpoint, nodes
def said(answer):
    return "silence" if answer is None else "error %d" % answer[0] if isinstance(answer, list) else "nodes" if "nodes" in answer else "an answer"
out = []
for node in nodes():
    plain = ask(endpoint(), node.port, "x_example")
    target = ask(endpoint(), node.port, "x_example", target=os.urandom(20))
    out.append("%s %s, with a target %s" % (node.name, said(plain), said(target)))
print("; ".join(out))
PY
)
report "libtorrent 2.0.8, Transmission 3.00, aria2 1.36.0, bittorrent-dht 11.0.12" \
  "error 204 from all, so that an asker need not wait for its time-out" \
  "libtorrent error 203, with a target nodes; Transmission silence, with a target silence; aria2 silence, with a target silence; bittorrent-dht silence, with a target silence" "$seen"
