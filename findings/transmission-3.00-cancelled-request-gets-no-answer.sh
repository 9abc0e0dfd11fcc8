#!/usr/bin/env bash
# A request and its cancel in one segment, with the Fast extension (BEP 6): either the block or a reject has to come.
. "$(dirname "$0")/support/common.sh"
transmission
aria2
libtorrent
seen=$(alone "$PYTHON" - <<'PY'
import hashlib
from bencode import encode, info
from clients import Aria2, Libtorrent, Transmission
from peer import CANCEL, PIECE, REJECT, UNCHOKE, INTERESTED, REQUEST, Peer, blocks
import struct
torrent = info()
hash = hashlib.sha1(encode(torrent)).digest()
out = []
for make in (Libtorrent, Transmission, Aria2):
    client = make().seed(torrent)
    peer = Peer(client.port, hash).greet()
    peer.send(INTERESTED)
    peer.messages(15, UNCHOKE)
    asked = [(piece, begin) for piece in range(4) for begin in (0, 16384)]
    peer.socket.sendall(b"".join(struct.pack(">IBIII", 13, kind, piece, begin, 16384) for kind in (REQUEST, CANCEL) for piece, begin in asked))
    answered = blocks(peer.messages(25), PIECE, REJECT)
    out.append("%s %d of %d answered%s" % (client.name, len(set(answered)), len(asked), ", closed" if peer.closed else ""))
    peer.end()
    client.end()
print("; ".join(out))
PY
)
report "Transmission 3.00 (libtorrent 2.0.8, aria2 1.36.0)" "8 of 8 by each" \
  "libtorrent 8 of 8 answered; Transmission 0 of 8 answered; aria2 8 of 8 answered" "$seen"
