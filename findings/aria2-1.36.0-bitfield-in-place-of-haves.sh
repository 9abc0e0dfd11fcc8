#!/usr/bin/env bash
# aria2 begins with nothing and gets 64 pieces from a seed: how it says what it has got (BEP 3: bitfield "only ever sent as the first message"; BEP 6: so are have-all and have-none).
. "$(dirname "$0")/support/common.sh"
aria2
seen=$(alone "$PYTHON" - <<'PY'
import hashlib, struct, time
from bencode import DATA, encode, hashes
from clients import Aria2
from peer import HAVE, HAVE_ALL, HAVE_NONE, INTERESTED, PIECE, REQUEST, UNCHOKE, Peer
BITFIELD, LENGTH = 5, 16384
NAMES = {HAVE: "have", BITFIELD: "bitfield", HAVE_ALL: "have-all", HAVE_NONE: "have-none"}
data = DATA * 8
torrent = {"name": "one.bin", "length": len(data), "piece length": LENGTH, "pieces": hashes(data, LENGTH)}
hash = hashlib.sha1(encode(torrent)).digest()
def greet(client, pieces, fast):
    peer = Peer(client.port, hash)
    if fast:
        return peer.greet(pieces=pieces)
    peer.greeting = peer.greeting[:20] + bytes(8) + peer.greeting[28:]
    peer.socket.sendall(peer.greeting)
    peer.receive(68)
    if pieces == HAVE_ALL:
        peer.send(BITFIELD, b"\xff" * (len(data) // LENGTH // 8))
    return peer
def told(fast):
    """What a peer without pieces hears of aria2's."""
    client = Aria2().leech(torrent)
    time.sleep(3)
    observer = greet(client, HAVE_NONE, fast)
    observer.messages(2)
    seed = greet(client, HAVE_ALL, fast)
    seed.messages(10, INTERESTED)
    seed.send(UNCHOKE)
    end = time.monotonic() + 20
    while time.monotonic() < end:
        observer.messages(0.01)
        for kind, body in seed.messages(0.05):
            if kind == REQUEST:
                piece, begin, length = struct.unpack(">III", body)
                seed.send(PIECE, struct.pack(">II", piece, begin) + data[piece * LENGTH + begin :][:length])
    found = [NAMES[kind] for kind, _ in observer.heard if kind in NAMES]
    observer.end()
    seed.end()
    client.end()
    return ", ".join(found)
print("with Fast: %s; without: %s" % (told(True), told(False)))
PY
)
report "aria2 1.36.0" "with Fast: have-none, then 64 times have; without: 64 times have" "with Fast: have-none, have-all; without: bitfield" "$seen"
