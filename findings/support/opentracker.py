"""opentracker with a list of allowed torrents or without one, asked over HTTP from any address, for the findings."""
import os
import socket
import subprocess
import tempfile
import time

from bencode import decode

HASH = b"\x11" * 20


class OpenTracker:
    def __init__(self, listed=True):
        os.chmod(os.environ["TMP"], 0o755)
        folder = tempfile.mkdtemp(dir=os.environ["TMP"])
        os.chmod(folder, 0o755)
        with open(os.path.join(folder, "allowed"), "w") as file:
            file.write(HASH.hex() + "\n")
        command = ["opentracker", "-i", "10.77.0.1", "-p", "6969", "-P", "6969", "-d", folder, "-u", "nobody"]
        self.process = subprocess.Popen(command + (["-w", "allowed"] if listed else []), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(1)
        if self.process.poll() is not None:
            raise SystemExit("cannot run: opentracker does not start")

    def announce(self, host, port, left=1, **more):
        values = {"port": port, "uploaded": 0, "downloaded": 0, "left": left, "compact": 1, **more}
        query = "info_hash=%s&peer_id=%s&" % ("%11" * 20, host.rjust(20, "x")) + "&".join("%s=%s" % pair for pair in values.items())
        with socket.create_connection(("10.77.0.1", 6969), 5, (host, 0)) as connection:
            connection.sendall(("GET /announce?%s HTTP/1.0\r\n\r\n" % query).encode())
            answer = b""
            while data := connection.recv(4000):
                answer += data
        return decode(answer.split(b"\r\n\r\n", 1)[1])[0]

    def end(self):
        self.process.terminate()
        self.process.wait()


def peers(answer):
    """host:port of each peer of a compact answer."""
    data = answer["peers"]
    return sorted("%s:%d" % (socket.inet_ntoa(data[i : i + 4]), int.from_bytes(data[i + 4 : i + 6], "big")) for i in range(0, len(data), 6))
