#!/usr/bin/env bash
# A peer gives a client that has a magnet link the metadata: does the connection go on to the payload?
. "$(dirname "$0")/support/common.sh"
transmission
libtorrent
seen=$(alone "$PYTHON" - <<'PY'
import hashlib, time
from bencode import decode, encode, info
from clients import Libtorrent, Transmission
from peer import EXTENDED, HAVE_ALL, INTERESTED, Peer
torrent = encode(info())
hash = hashlib.sha1(torrent).digest()
link = "magnet:?xt=urn:btih:" + hash.hex()
out = []
for make in (Libtorrent, Transmission):
    client = make()
    if make is Libtorrent:
        parameters = client.library.parse_magnet_uri(link)
        parameters.save_path = client.data
        parameters.flags &= ~(client.library.torrent_flags.auto_managed | client.library.torrent_flags.paused)
        client.handle = client.session.add_torrent(parameters)
    else:
        client.call("torrent-add", filename=link)
    time.sleep(2)
    peer = Peer(client.port, hash).greet({"ut_metadata": 3}, HAVE_ALL, metadata_size=len(torrent))
    given = interested = False
    end = time.monotonic() + 25
    while time.monotonic() < end and not peer.closed and not interested:
        for kind, body in peer.messages(0.2):
            interested = interested or kind == INTERESTED
            if kind == EXTENDED and body[0] == 3 and decode(body[1:])[0]["msg_type"] == 0:
                number = peer.their_handshake()["m"]["ut_metadata"]
                peer.extended(number, {"msg_type": 1, "piece": 0, "total_size": len(torrent)}, torrent)
                given = True
    out.append("%s %s, %s" % (client.name, "took it" if given else "did not ask", "closed" if peer.closed else "goes on" if interested else "silent"))
    peer.end()
    client.end()
print("; ".join(out))
PY
)
report "Transmission 3.00 (libtorrent 2.0.8)" "both go on: they know a peer that has everything" "libtorrent took it, goes on; Transmission took it, closed" "$seen"
