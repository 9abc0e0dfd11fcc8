"""Bare queries of the DHT (BEP 5), and four nodes that know no others, for the findings."""
import os
import socket
import subprocess
import time

from bencode import decode, encode, info
from clients import Aria2, Libtorrent, Transmission

OWN_ID = os.urandom(20)


def endpoint(host="10.77.3.1"):
    found = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    found.bind((host, 0))
    found.settimeout(2)
    return found


def ask(from_socket, to_port, query, **arguments):
    """The answer (its `r`, or its `e`, a list), or None where there is none within 2 s."""
    from_socket.sendto(encode({"t": b"aa", "y": "q", "q": query, "a": {"id": OWN_ID, **arguments}}), ("10.77.0.1", to_port))
    end = time.monotonic() + 2
    while time.monotonic() < end:
        try:
            message = decode(from_socket.recv(2000))[0]
        except TimeoutError:
            return None
        if message.get("t") == b"aa" and message["y"] != b"q":
            return message.get("e", message.get("r"))
    return None


class Npm:
    """The node of bittorrent-dht, installed in the temporary folder."""

    name, port = "bittorrent-dht", 20000

    def __init__(self):
        script = os.path.join(os.environ["TMP"], "node.mjs")
        with open(script, "w") as file:
            file.write("import DHT from 'bittorrent-dht'; new DHT({ bootstrap: false }).listen(20000);")
        self.process = subprocess.Popen(["node", script])

    def end(self):
        self.process.terminate()
        self.process.wait()


def nodes(*names):
    """Starts them one after the other, each until the next is asked for; all four when none is named."""
    makers = {
        "libtorrent": lambda: Libtorrent({"enable_dht": True, "dht_bootstrap_nodes": "", "listen_interfaces": "10.77.0.1:6891"}).leech(info()),
        "Transmission": lambda: Transmission({"dht-enabled": True}),
        "aria2": lambda: Aria2({"enable-dht": "true", "dht-listen-port": 16881, "dht-file-path": os.environ["TMP"] + "/dht.dat"}).leech(info()),
        "bittorrent-dht": Npm,
    }
    for name in names or makers:
        node = makers[name]()
        for _ in range(20):
            if ask(endpoint(), node.port, "ping") is not None:
                break
        else:
            raise SystemExit("cannot run: %s answers no ping" % name)
        yield node
        node.end()
