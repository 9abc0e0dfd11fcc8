#!/usr/bin/env bash
# `transmission-remote -a FILE --start-paused`: the manual page says that this option makes added torrents start paused; it stands behind the file.
. "$(dirname "$0")/support/common.sh"
transmission
usable transmission-remote
seen=$(alone "$PYTHON" - <<'PY'
import os, subprocess, time
from bencode import encode, info
from clients import Transmission
client = Transmission()
def write(name):
    path = os.path.join(os.environ["TMP"], name + ".torrent")
    with open(path, "wb") as file:
        file.write(encode({"info": info(name=name.encode())}))
    return path
def remote(*arguments):
    subprocess.run(("transmission-remote", "127.0.0.1:19091", *arguments), check=True, stdout=subprocess.DEVNULL)
def state(name):
    for _ in range(50):
        torrents = client.call("torrent-get", fields=["name", "status"])["arguments"]["torrents"]
        status = {torrent["name"]: torrent["status"] for torrent in torrents}.get(name, 1)
        # 1 and 2 are of the check that comes first.
        if status not in (1, 2):
            return "%s %s" % (name, "paused" if status == 0 else "started")
        time.sleep(0.2)
    return "%s checked for ten seconds" % name
out = []
remote("-a", write("behind"), "--start-paused")
out.append(state("behind"))
out.append("session starts what is added: %s" % client.call("session-get")["arguments"]["start-added-torrents"])
remote("-a", write("later"))
out.append(state("later"))
client.call("session-set", **{"start-added-torrents": True})
remote("--start-paused", "-a", write("before"))
out.append(state("before"))
client.end()
print("; ".join(out))
PY
)
report "transmission-remote 3.00" \
  "the one torrent is added paused, and the session stays as it was" \
  "behind started; session starts what is added: False; later paused; before paused" "$seen"
