#!/usr/bin/env bash
# uTP packet 3 is lost, then 4, 9, 12, 20 and 40 arrive: the selective acknowledgements (BEP 29: bytes "in multiples of 4", "at least 32 bits").
. "$(dirname "$0")/support/common.sh"
libtorrent
seen=$(alone "$PYTHON" - <<'PY'
import hashlib, os, select, socket, struct, time
from bencode import encode, info
from clients import Libtorrent
DATA, SYN, SELECTIVE_ACK = 0, 4, 1
hash = hashlib.sha1(encode(info())).digest()
client = Libtorrent({"enable_incoming_utp": True, "listen_interfaces": "10.77.0.1:6891"}).seed(info())
ours = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
ours.bind(("10.77.1.9", 7001))
ours.connect(("10.77.0.1", client.port))
def send(kind, connection, seq, ack, payload=b""):
    now = int(time.monotonic() * 1e6) & 0xFFFFFFFF
    ours.send(struct.pack(">BBHIIIHH", kind << 4 | 1, 0, connection, now, 0, 1 << 20, seq, ack) + payload)
def selective_ack(seconds):
    """The bytes of the last one that comes."""
    last = b""
    end = time.monotonic() + seconds
    while select.select([ours], [], [], max(0, end - time.monotonic()))[0]:
        packet = ours.recv(2000)
        extension, at = packet[1], 20
        while extension:
            length = packet[at + 1]
            if extension == SELECTIVE_ACK:
                last = packet[at + 2 : at + 2 + length]
            extension, at = packet[at], at + 2 + length
    return last
send(SYN, 100, 1, 0)
ours.settimeout(10)
ack = (struct.unpack(">H", ours.recv(2000)[16:18])[0] - 1) & 0xFFFF
greeting = b"\x13BitTorrent protocol" + b"\0\0\0\0\0\x10\0\x04" + hash + b"-XX0001-" + os.urandom(12)
send(DATA, 101, 2, ack, greeting[:20])
out = []
for seq in (4, 9, 12, 20, 40):
    send(DATA, 101, seq, ack, greeting[20 + seq : 21 + seq])
    found = selective_ack(1.5)
    out.append("%d (%s)" % (len(found), found.hex()))
client.end()
print(", ".join(out))
PY
)
report "libtorrent 2.0.8" "4 (01000000), 4 (21000000), 4 (21010000), 4 (21010100), 8 (2101010010000000)" \
  "1 (01), 1 (21), 2 (2101), 3 (210101), 5 (2101010010)" "$seen"
