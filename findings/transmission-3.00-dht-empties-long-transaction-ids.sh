#!/usr/bin/env bash
# Pings whose transaction id has 2, 15, 16 and 20 bytes: BEP 5 has it echoed, and sets no limit.
. "$(dirname "$0")/support/common.sh"
libtorrent
transmission
aria2
npm_packages bittorrent-dht@11.0.12
seen=$(alone "$PYTHON" - <<'PY'
from bencode import decode, encode
from dht import OWN_ID, endpoint, nodes
def echoed(to_port, length):
    asker = endpoint()
    asker.sendto(encode({"t": bytes(range(65, 65 + length)), "y": "q", "q": "ping", "a": {"id": OWN_ID}}), ("10.77.0.1", to_port))
    try:
        while True:
            message = decode(asker.recv(2000))[0]
            if message["y"] == b"r":
                return str(len(message["t"]))
    except TimeoutError:
        return "none"
print("; ".join("%s %s" % (node.name, " ".join(echoed(node.port, length) for length in (2, 15, 16, 20))) for node in nodes()))
PY
)
report "Transmission 3.00 (libtorrent 2.0.8, aria2 1.36.0, bittorrent-dht 11.0.12)" \
  "2 15 16 20 from all, or nothing for what is too long" \
  "libtorrent 2 15 16 20; Transmission 2 15 0 0; aria2 2 15 16 20; bittorrent-dht 2 15 16 20" "$seen"
