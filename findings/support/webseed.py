"""A web seed (BEP 19) that notes each request, for the findings."""
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bencode import DATA, encode, info


class WebSeed:
    """`files` by name, others are 404. `busy`: so many requests it answers with 503 and Retry-After: 3 first. `requests`: (name, headers) of each."""

    def __init__(self, busy=0, files=None):
        files = files or {"one.bin": DATA}
        self.requests = []
        seed = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                name = self.path.rsplit("/", 1)[-1]
                seed.requests.append((name, self.headers))
                if len(seed.requests) <= busy or name not in files:
                    self.send_response(404 if name not in files else 503)
                    self.send_header("Retry-After", "3")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                data = files[name]
                first, last = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "bytes=0-")).groups()
                first, last = int(first), int(last or len(data) - 1)
                self.send_response(206)
                self.send_header("Content-Range", "bytes %d-%d/%d" % (first, last, len(data)))
                self.send_header("Content-Length", str(last + 1 - first))
                self.end_headers()
                self.wfile.write(data[first : last + 1])

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("10.77.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = "10.77.0.1:%d" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def torrent(self):
        return encode({"info": info(), "url-list": "http://%s/one.bin" % self.address})

    def end(self):
        self.server.shutdown()
        self.server.server_close()
