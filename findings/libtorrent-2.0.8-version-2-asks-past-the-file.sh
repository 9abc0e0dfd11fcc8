#!/usr/bin/env bash
# Pieces of 32,768 bytes; files of 40,000 and 5,000 bytes in a torrent of version 2 (BEP 52): which blocks does it ask a seed for?
. "$(dirname "$0")/support/common.sh"
libtorrent
seen=$(alone "$PYTHON" - <<'PY'
import os, struct, time
import libtorrent
from bencode import DATA
from clients import Libtorrent
from peer import HAVE_ALL, INTERESTED, REQUEST, UNCHOKE, Peer
V1, V2 = 64, libtorrent.create_torrent_flags_t.v2_only
def asked(name, sizes, flags):
    """piece+begin:length of its requests."""
    folder = os.path.join(os.environ["TMP"], name)
    os.mkdir(folder)
    for i, size in enumerate(sizes):
        with open("%s/%d.bin" % (folder, i), "wb") as file:
            file.write(DATA[:size])
    path = folder if len(sizes) > 1 else folder + "/0.bin"
    files = libtorrent.file_storage()
    libtorrent.add_files(files, path)
    maker = libtorrent.create_torrent(files, 32768, flags)
    libtorrent.set_piece_hashes(maker, os.path.dirname(path))
    torrent = libtorrent.bencode(maker.generate())
    client = Libtorrent()
    client.add(torrent)
    while not client.ready(False):
        time.sleep(0.1)
    hashes = libtorrent.torrent_info(libtorrent.bdecode(torrent)).info_hashes()
    peer = Peer(client.port, (hashes.v1 if hashes.has_v1() else hashes.v2).to_bytes()[:20]).greet(pieces=HAVE_ALL)
    peer.messages(20, INTERESTED)
    peer.send(UNCHOKE)
    found = sorted(set(struct.unpack(">III", body) for kind, body in peer.messages(6) if kind == REQUEST))
    peer.end()
    client.end()
    return " ".join("%d+%d:%d" % block for block in found)
print("two files %s; one file %s; version 1 %s" % (asked("two", (40000, 5000), V2), asked("one", (40000,), V2), asked("old", (40000,), V1)))
PY
)
report "libtorrent 2.0.8" "two files 0+0:16384 0+16384:16384 1+0:7232 2+0:5000; one file 0+0:16384 0+16384:16384 1+0:7232, as in version 1: no piece reaches beyond its file" \
  "two files 0+0:16384 0+16384:16384 1+0:16384 2+0:16384; one file 0+0:16384 0+16384:16384 1+0:16384; version 1 0+0:16384 0+16384:16384 1+0:7232" "$seen"
