"""rTorrent with nothing but its DHT, on a terminal of its own, for the findings."""
import atexit
import os
import pty
import subprocess
import tempfile
import threading

from bencode import DATA, info, write_torrent


class RTorrent:
    port = 6881

    def __init__(self, knows=(), seeds=False):
        """`knows`: nodes, "host:port". With `seeds` it has and announces a torrent of DATA."""
        home = tempfile.mkdtemp(dir=os.environ["TMP"])
        os.mkdir(home + "/session")
        with open(home + "/one.bin", "wb") as file:
            file.write(DATA)
        write_torrent(home + "/one.torrent", info())
        lines = [
            "network.bind_address.set = 10.77.0.1",
            "network.local_address.set = 10.77.0.1",
            "network.port_range.set = 6891-6891",
            "network.port_random.set = no",
            "session.path.set = %s/session" % home,
            "directory.default.set = %s" % home,
            "protocol.pex.set = no",
            "trackers.use_udp.set = no",
            "dht.port.set = %d" % self.port,
            "dht.mode.set = on",
            *('schedule2 = know%d, 1, 0, "dht.add_node=%s"' % pair for pair in enumerate(knows)),
        ]
        if seeds:
            # Where it knows no nodes when a torrent starts, it would ask them only after minutes.
            lines += ['schedule2 = load, 8, 0, "load.start=\\"%s/one.torrent\\""' % home]
            lines += ['schedule2 = again, 15, 15, "d.multicall2=main,d.tracker_announce="']
        with open(home + "/rc", "w") as file:
            file.write("\n".join(lines) + "\n")
        self.screen, terminal = pty.openpty()
        environment = {**os.environ, "TERM": "xterm", "LINES": "40", "COLUMNS": "120"}
        command = ["rtorrent", "-n", "-o", "import=%s/rc" % home]
        self.process = subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal, env=environment, start_new_session=True)
        os.close(terminal)
        atexit.register(self.end)
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self):
        """What it draws is read, or it would stop drawing and working."""
        try:
            while os.read(self.screen, 4096):
                pass
        except OSError:
            pass

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
