#!/usr/bin/env bash
# `unshare --kill-child` is killed: does the daemon in it end? danted acts as root and as "nobody" (user.unprivileged), or as root alone.
. "$(dirname "$0")/support/common.sh"
[ "$(id -u)" = 0 ] || missing "danted changes its user as root alone"
debian dante-server 1.4.2+dfsg-7+b8
usable danted
seen=$(alone "$PYTHON" - <<'PY'
import os, signal, subprocess, time
folder = os.environ["TMP"]
os.chmod(folder, 0o755)
def conf(user):
    path = os.path.join(folder, user + ".conf")
    with open(path, "w") as file:
        file.write(
            "logoutput: /dev/null\ninternal: 127.0.0.1 port = 1080\nexternal: 127.0.0.1\nclientmethod: none\nsocksmethod: none\n"
            "user.privileged: root\nuser.unprivileged: %s\nclient pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }\n" % user
        )
    os.chmod(path, 0o644)
    return path
def alive(pid):
    try:
        with open("/proc/%d/stat" % pid) as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
def family(pid):
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid)) as file:
            return [pid, *(each for child in file.read().split() for each in family(int(child)))]
    except OSError:
        return []
def fate(options, command):
    mother = subprocess.Popen(["unshare", "--fork", "--kill-child", *options, *command])
    time.sleep(4)
    _, child, *others = family(mother.pid)
    mother.kill()
    mother.wait()
    time.sleep(3)
    lives = alive(child)
    for pid in (child, *others):
        if alive(pid):
            os.kill(pid, signal.SIGKILL)
    return "lives on" if lives else "ends"
commands = (("sleep", ["sleep", "60"]), ("danted as root", ["danted", "-f", conf("root")]), ("danted as nobody", ["danted", "-f", conf("nobody")]))
print("; ".join("%s %s, with --pid %s" % (name, fate([], command), fate(["--pid"], command)) for name, command in commands))
PY
)
report "danted 1.4.2, unshare of this system" "all end: with --pid it is even the init of its namespace" \
  "sleep ends, with --pid ends; danted as root ends, with --pid ends; danted as nobody lives on, with --pid lives on" "$seen"
