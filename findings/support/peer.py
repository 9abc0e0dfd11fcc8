"""A bare peer of the wire protocol (BEP 3, 6, 9, 10), for the findings."""
import itertools
import os
import select
import socket
import struct
import time

from bencode import decode, encode

CHOKE, UNCHOKE, INTERESTED, HAVE, REQUEST, PIECE, CANCEL = 0, 1, 2, 4, 6, 7, 8
HAVE_ALL, HAVE_NONE, REJECT, EXTENDED = 14, 15, 16, 20
_hosts = itertools.count(10)


def fresh_address():
    """Clients keep one connection an address: another address of the namespace each time."""
    return "10.77.1.%d" % next(_hosts)


class Peer:
    """Dials a client with the Fast extension and the extension protocol; `closed` once the client has hung up."""

    def __init__(self, port, info_hash, source=None, peer_id=None):
        self.buffer = b""
        self.closed = False
        self.heard = []
        self.socket = socket.socket()
        self.socket.settimeout(10)
        self.socket.bind((source or fresh_address(), 0))
        self.socket.connect(("10.77.0.1", port))
        peer_id = peer_id or b"-XX0001-" + os.urandom(12)
        self.greeting = b"\x13BitTorrent protocol" + b"\0\0\0\0\0\x10\0\x04" + info_hash + peer_id

    def greet(self, extensions=None, pieces=HAVE_NONE, **handshake):
        """Both handshakes and what we have."""
        self.socket.sendall(self.greeting)
        self.receive(68)
        self.send(pieces)
        self.extended(0, {"m": extensions or {}, **handshake})
        return self

    def send(self, kind, payload=b""):
        try:
            self.socket.sendall(struct.pack(">IB", 1 + len(payload), kind) + payload)
        except OSError:
            self.closed = True

    def extended(self, number, dictionary, tail=b""):
        self.send(EXTENDED, bytes([number]) + encode(dictionary) + tail)

    def ask(self, piece, begin, length, kind=REQUEST):
        self.send(kind, struct.pack(">III", piece, begin, length))

    def receive(self, count, seconds=5):
        end = time.monotonic() + seconds
        while len(self.buffer) < count and not self.closed and time.monotonic() < end:
            self._fill(end - time.monotonic())
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def messages(self, seconds, until=None):
        """What comes within so many seconds, as (kind, payload), or up to the first message of a kind."""
        found = []
        end = time.monotonic() + seconds
        while True:
            while len(self.buffer) >= 4:
                length = struct.unpack(">I", self.buffer[:4])[0]
                if len(self.buffer) < 4 + length:
                    break
                body, self.buffer = self.buffer[4 : 4 + length], self.buffer[4 + length :]
                if length == 0:
                    continue
                found.append((body[0], body[1:]))
                self.heard.append(found[-1])
                if until is not None and body[0] == until:
                    return found
            if self.closed or time.monotonic() >= end:
                return found
            self._fill(end - time.monotonic())

    def their_handshake(self):
        """The dictionary of the client's extension handshake, once it has come."""
        return next((decode(body[1:])[0] for kind, body in self.heard if kind == EXTENDED and body[0] == 0), {})

    def end(self):
        self.socket.close()

    def _fill(self, seconds):
        ready, _, _ = select.select([self.socket], [], [], max(0, seconds))
        if not ready:
            return
        try:
            data = self.socket.recv(1 << 18)
        except OSError:
            data = b""
        self.closed = data == b""
        self.buffer += data


def kinds(messages):
    return [kind for kind, _ in messages]


def blocks(messages, *wanted):
    """(piece, begin) of requests, pieces or rejects."""
    return [struct.unpack(">II", body[:8]) for kind, body in messages if kind in wanted]
