#!/usr/bin/env bash
# A hybrid's seed is dialled by its v1 info-hash with the bit of BEP 52 that says "we know version 2 as well", in plain text and encrypted: the hash it answers with.
. "$(dirname "$0")/support/common.sh"
libtorrent
seen=$(alone "$PYTHON" - <<'PY'
import os, socket
import libtorrent
from bencode import DATA
from clients import Libtorrent
from mse import dial
from peer import fresh_address
PLAIN, RC4, UPGRADE = 1, 2, 0x10
client = Libtorrent()
folder = os.path.join(client.data, "album")
os.mkdir(folder)
for name in ("a.bin", "b.bin"):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(DATA)
files = libtorrent.file_storage()
libtorrent.add_files(files, folder)
maker = libtorrent.create_torrent(files, 32768)
libtorrent.set_piece_hashes(maker, client.data)
torrent = libtorrent.bencode(maker.generate())
hashes = libtorrent.torrent_info(libtorrent.bdecode(torrent)).info_hashes()
v1, v2 = hashes.v1.to_bytes(), hashes.v2.to_bytes()[:20]
client.add(torrent)
while not client.ready(True):
    pass
def answer(bit, crypto):
    greeting = b"\x13BitTorrent protocol" + bytes((0, 0, 0, 0, 0, 0x10, 0, 4 | bit)) + v1 + b"-XX0001-" + os.urandom(12)
    host = fresh_address()
    if crypto is not None:
        theirs = dial(host, client.port, v1, crypto, greeting)
    else:
        with socket.create_connection(("10.77.0.1", client.port), 10, (host, 0)) as connection:
            connection.sendall(greeting)
            theirs = connection.recv(68, socket.MSG_WAITALL)
    return {v1: "v1", v2: "v2"}.get(theirs[28:48], "other")
ways = (("plain", None), ("MSE, then plain", PLAIN), ("MSE, RC4", RC4))
print("; ".join("%s %s, with the bit %s" % (name, answer(0, crypto), answer(UPGRADE, crypto)) for name, crypto in ways))
client.end()
PY
)
report "libtorrent 2.0.8" "v1, with the bit v2, whichever way" "plain v1, with the bit v2; MSE, then plain v1, with the bit v1; MSE, RC4 v1, with the bit v1" "$seen"
