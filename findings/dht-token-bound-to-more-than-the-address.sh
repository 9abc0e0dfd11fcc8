#!/usr/bin/env bash
# A token of get_peers (BEP 5: made of the asker's IP address) used at once, from that address: for another info-hash, from another port.
. "$(dirname "$0")/support/common.sh"
libtorrent
transmission
aria2
npm_packages bittorrent-dht@11.0.12
seen=$(alone "$PYTHON" - <<'PY'
import os
from dht import ask, endpoint, nodes
def stored(port, other_hash=False, other_port=False):
    asker = endpoint()
    first = os.urandom(20)
    announced = os.urandom(20) if other_hash else first
    token = ask(asker, port, "get_peers", info_hash=first)["token"]
    ask(endpoint() if other_port else asker, port, "announce_peer", info_hash=announced, token=token, port=5000)
    return "yes" if ask(asker, port, "get_peers", info_hash=announced).get("values") else "no"
out = []
for node in nodes():
    out.append("%s %s/%s/%s" % (node.name, stored(node.port), stored(node.port, other_hash=True), stored(node.port, other_port=True)))
print("; ".join(out))
PY
)
report "libtorrent 2.0.8, Transmission 3.00, aria2 1.36.0, bittorrent-dht 11.0.12" \
  "stored as asked/for another info-hash/from another port: yes/yes/yes everywhere, so one token a node serves all of one's torrents" \
  "libtorrent yes/no/yes; Transmission yes/yes/no; aria2 yes/no/no; bittorrent-dht yes/yes/yes" "$seen"
