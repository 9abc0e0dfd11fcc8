#!/usr/bin/env bash
# A seed that says it keeps 1 request (BEP 10, reqq), then one that says 10: how many stand at it at once?
. "$(dirname "$0")/support/common.sh"
transmission
libtorrent
seen=$(alone "$PYTHON" - <<'PY'
import hashlib, struct, time
from bencode import DATA, encode, hashes
from clients import Libtorrent, Transmission
from peer import HAVE_ALL, INTERESTED, PIECE, REQUEST, UNCHOKE, Peer
data = DATA * 16
torrent = {"name": "one.bin", "length": len(data), "piece length": 65536, "pieces": hashes(data, 65536)}
hash = hashlib.sha1(encode(torrent)).digest()
out = []
for make in (Libtorrent, Transmission):
    for reqq in (1, 10):
        client = make().leech(torrent)
        peer = Peer(client.port, hash).greet(pieces=HAVE_ALL, reqq=reqq)
        peer.messages(15, INTERESTED)
        peer.send(UNCHOKE)
        waiting, most = [], 0
        end = time.monotonic() + 8
        while time.monotonic() < end and not peer.closed:
            waiting += [body for kind, body in peer.messages(0.05) if kind == REQUEST]
            most = max(most, len(waiting))
            if waiting:
                piece, begin, length = struct.unpack(">III", waiting.pop(0))
                peer.send(PIECE, struct.pack(">II", piece, begin) + data[piece * 65536 + begin :][:length])
        out.append("%s at %d: %d" % (client.name, reqq, most))
        peer.end()
        client.end()
print("; ".join(out))
PY
)
report "libtorrent 2.0.8 (Transmission 3.00)" "libtorrent at 1: 1; libtorrent at 10: 10; Transmission at 1: 1; Transmission at 10: 10" \
  "libtorrent at 1: 4; libtorrent at 10: 10; Transmission at 1: 1; Transmission at 10: 10" "$seen"
