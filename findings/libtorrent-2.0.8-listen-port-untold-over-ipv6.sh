#!/usr/bin/env bash
# It listens on an address of each kind and dials over IPv4 and over IPv6: its listen port in the extension handshake (BEP 10, "p").
. "$(dirname "$0")/support/common.sh"
libtorrent
seen=$(alone "$PYTHON" - <<'PY'
import hashlib, os, socket, struct, subprocess
from bencode import decode, encode, info
from clients import Libtorrent
subprocess.check_call("ip addr add fd77::1/128 dev lo nodad; ip addr add fd77::2/128 dev lo nodad", shell=True)
torrent = info()
hash = hashlib.sha1(encode(torrent)).digest()
client = Libtorrent({"listen_interfaces": "10.77.0.1:6891,[fd77::1]:6891", "out_enc_policy": 2}).seed(torrent)
def port(host):
    listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    client.handle.connect_peer((host, listener.getsockname()[1]))
    listener.settimeout(20)
    peer, _ = listener.accept()
    peer.settimeout(10)
    peer.recv(68, socket.MSG_WAITALL)
    peer.sendall(b"\x13BitTorrent protocol" + bytes((0, 0, 0, 0, 0, 0x10, 0, 0)) + hash + b"-XX0001-" + os.urandom(12))
    body = b"\x14\0" + encode({"m": {}})
    peer.sendall(struct.pack(">I", len(body)) + body)
    while True:
        length = struct.unpack(">I", peer.recv(4, socket.MSG_WAITALL))[0]
        body = peer.recv(length, socket.MSG_WAITALL)
        if body[:2] == b"\x14\0":
            return decode(body[2:])[0].get("p", "none")
print("IPv4 %s, IPv6 %s" % (port("10.77.0.2"), port("fd77::2")))
client.end()
PY
)
report "libtorrent 2.0.8" "IPv4 6891, IPv6 6891" "IPv4 6891, IPv6 none" "$seen"
