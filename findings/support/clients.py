"""libtorrent, Transmission and aria2 with nothing but TCP, plain text and one torrent, for the findings."""
import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from bencode import DATA, encode


class Client:
    def __init__(self, settings=None):
        """Settings of the client's own, under its own names, over those of here."""
        self.settings = settings or {}
        self.folder = tempfile.mkdtemp(dir=os.environ.get("TMP"))
        self.data = os.path.join(self.folder, "data")
        os.mkdir(self.data)
        self.process = None
        self.start()

    def seed(self, info):
        """Adds a torrent of DATA whose file is there, and waits until it is checked."""
        with open(os.path.join(self.data, "one.bin"), "wb") as file:
            file.write(DATA)
        return self.leech(info, seeding=True)

    def leech(self, info, seeding=False):
        self.add(encode({"info": info}))
        for _ in range(300):
            if self.ready(seeding):
                return self
            time.sleep(0.1)
        raise SystemExit("cannot run: %s does not begin" % self.name)

    def end(self):
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *command):
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def post(url, body, headers=None):
    request = urllib.request.Request(url, json.dumps(body).encode(), headers or {})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def until_up(call):
    for _ in range(150):
        try:
            return call()
        except OSError:
            time.sleep(0.1)
    raise SystemExit("cannot run: a client does not start")


class Libtorrent(Client):
    name, port = "libtorrent", 6891

    def start(self):
        import libtorrent

        self.library = libtorrent
        quiet = ("enable_dht", "enable_lsd", "enable_upnp", "enable_natpmp", "enable_incoming_utp", "enable_outgoing_utp")
        self.session = libtorrent.session({"listen_interfaces": "0.0.0.0:6891", **dict.fromkeys(quiet, False), **self.settings})

    def add(self, torrent):
        library = self.library
        parameters = library.add_torrent_params()
        parameters.ti = library.torrent_info(library.bdecode(torrent))
        parameters.save_path = self.data
        parameters.flags &= ~(library.torrent_flags.auto_managed | library.torrent_flags.paused)
        self.handle = self.session.add_torrent(parameters)

    def ready(self, seeding):
        status = self.handle.status()
        return status.is_seeding if seeding else status.state == self.library.torrent_status.downloading

    def end(self):
        del self.handle, self.session
        super().end()


class Transmission(Client):
    name, port = "Transmission", 15413

    def start(self):
        off = ("dht-enabled", "lpd-enabled", "utp-enabled", "port-forwarding-enabled", "rpc-whitelist-enabled")
        settings = {**dict.fromkeys(off, False), "rpc-port": 19091, "peer-port": 15413, "encryption": 0}
        with open(os.path.join(self.folder, "settings.json"), "w") as file:
            json.dump({**settings, "download-dir": self.data, **self.settings}, file)
        self.session_id = ""
        self.run("transmission-daemon", "-f", "-g", self.folder)
        until_up(lambda: self.call("session-get"))

    def call(self, method, **arguments):
        body = {"method": method, "arguments": arguments}
        for _ in range(2):
            try:
                headers = {"X-Transmission-Session-Id": self.session_id}
                return post("http://127.0.0.1:19091/transmission/rpc", body, headers)
            except urllib.error.HTTPError as error:
                self.session_id = error.headers["X-Transmission-Session-Id"] or ""
        raise SystemExit("cannot run: Transmission answers no call")

    def add(self, torrent):
        self.call("torrent-add", metainfo=base64.b64encode(torrent).decode())

    def ready(self, seeding):
        torrents = self.call("torrent-get", fields=["status"])["arguments"]["torrents"]
        return bool(torrents) and torrents[0]["status"] == (6 if seeding else 4)


class Aria2(Client):
    name, port = "aria2", 16881

    def start(self):
        self.run(
            "aria2c", "--no-conf", "--enable-rpc", "--rpc-listen-port=16800", "--enable-dht=false", "--enable-dht6=false",
            "--bt-enable-lpd=false", "--listen-port=16881", "--quiet", "--check-integrity=true", "--seed-ratio=0",
            "--file-allocation=none", "--dir=" + self.data, *("--%s=%s" % pair for pair in self.settings.items()),
        )  # fmt: skip
        until_up(lambda: self.call("getVersion"))

    def call(self, method, *parameters):
        body = {"jsonrpc": "2.0", "id": 1, "method": "aria2." + method, "params": parameters}
        return post("http://127.0.0.1:16800/jsonrpc", body)["result"]

    def add(self, torrent):
        self.number = self.call("addTorrent", base64.b64encode(torrent).decode())

    def ready(self, seeding):
        status = self.call("tellStatus", self.number)
        if status["status"] != "active" or not seeding:
            return status["status"] == "active"
        return status["completedLength"] == status["totalLength"] != "0"
