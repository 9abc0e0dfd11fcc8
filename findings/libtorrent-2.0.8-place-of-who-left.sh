#!/usr/bin/env bash
# Six peers wait at a seed with one slot; the fifth leaves, a newcomer comes. When is the newcomer's turn?
. "$(dirname "$0")/support/common.sh"
libtorrent
seen=$(alone "$PYTHON" - <<'PY'
import hashlib, time
from bencode import encode, info
from clients import Libtorrent
from peer import INTERESTED, UNCHOKE, Peer, kinds
torrent = info()
hash = hashlib.sha1(encode(torrent)).digest()
ROUNDS = 8
before = 0
for _ in range(ROUNDS):
    seed = Libtorrent({"unchoke_slots_limit": 1, "unchoke_interval": 1, "optimistic_unchoke_interval": 2})
    # Peers of local networks are in a class without a limit of slots otherwise.
    limited = seed.library.ip_filter()
    limited.add_rule("0.0.0.0", "255.255.255.255", 1 << seed.library.session.global_peer_class_id)
    seed.session.set_peer_class_filter(limited)
    seed.seed(torrent)
    peers = {}
    def come(name):
        peers[name] = Peer(seed.port, hash).greet()
        peers[name].send(INTERESTED)
        time.sleep(0.3)
    for name in "ABCDEF":
        come(name)
    peers.pop("E").end()
    time.sleep(1)
    come("new")
    turns = []
    end = time.monotonic() + 16
    while time.monotonic() < end:
        for name, peer in peers.items():
            turns += [name] * kinds(peer.messages(0.02)).count(UNCHOKE)
    before += turns.index("new") < turns.index("F")
    for peer in peers.values():
        peer.end()
    seed.end()
print("before one that has waited longer in %s of %d rounds" % ("most" if before > ROUNDS / 2 else before, ROUNDS))
PY
)
report "libtorrent 2.0.8" "last: of those that never had a turn, who has waited longest comes first" "before one that has waited longer in most of 8 rounds" "$seen"
