"""A home router in the namespace that `alone` made: miniupnpd between a client's namespace (10.77.1.2) and the outside, for the findings."""
import os
import shutil
import struct
import subprocess
import tempfile
import time

CHAINS = """
add table inet filter
add chain inet filter miniupnpd
add chain inet filter prerouting_miniupnpd
add chain inet filter postrouting_miniupnpd
add chain inet filter forward { type filter hook forward priority 0; }
add rule inet filter forward jump miniupnpd
add chain inet filter prerouting { type nat hook prerouting priority -100; }
add rule inet filter prerouting jump prerouting_miniupnpd
"""
CONFIGURATION = """
ext_ifname=wan
ext_ip=11.22.33.44
listening_ip=lan
enable_natpmp=yes
enable_upnp=yes
system_uptime=no
uuid=00000000-0000-4000-8000-000000000000
allow 1024-65535 0.0.0.0/0 1024-65535
upnp_forward_chain=miniupnpd
upnp_nat_chain=prerouting_miniupnpd
upnp_nat_postrouting_chain=postrouting_miniupnpd
upnp_table_name=filter
upnp_nat_table_name=filter
"""
ASK = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(3)
s.connect(("10.77.1.1", 5351))
s.send(bytes.fromhex(sys.argv[1]))
print(s.recv(1100).hex())
"""


def shell(text):
    subprocess.run(["sh", "-ec", text], check=True, stdout=subprocess.DEVNULL)


class Router:
    def __init__(self):
        self.folder = tempfile.mkdtemp(dir=os.environ.get("TMP"))
        self.inside = subprocess.Popen(["unshare", "-n", "sleep", "200"])
        time.sleep(0.5)
        pid = self.inside.pid
        try:
            shell(
                "ip addr flush dev lo; ip addr add 127.0.0.1/8 dev lo;"
                "ip link add lan type veth peer name home; ip link add wan type veth peer name far;"
                "ip link set home netns %d; ip addr add 10.77.1.1/24 dev lan; ip addr add 10.77.2.1/24 dev wan;"
                "ip link set lan up; ip link set wan up; ip link set far up;"
                "nsenter -t %d -n sh -c 'ip link set lo up; ip addr add 10.77.1.2/24 dev home; ip link set home up;"
                " ip route add default via 10.77.1.1'" % (pid, pid)
            )
            subprocess.run(["nft", "-f", "-"], input=CHAINS, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            raise SystemExit("cannot run: no router can be built here")
        with open(os.path.join(self.folder, "conf"), "w") as file:
            file.write(CONFIGURATION)

    def start(self):
        conf, pid = (os.path.join(self.folder, name) for name in ("conf", "pid"))
        self.daemon = subprocess.Popen(["miniupnpd", "-d", "-f", conf, "-P", pid], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(2)
        if self.daemon.poll() is not None:
            raise SystemExit("cannot run: miniupnpd does not start")

    def stop(self):
        self.daemon.terminate()
        return self.daemon.wait(10)

    def at_home(self, *command, **options):
        return subprocess.Popen(["nsenter", "-t", str(self.inside.pid), "-n", *command], stdout=subprocess.PIPE, text=True, **options)

    def ask(self, request):
        """The answer to a datagram from the client's namespace to port 5351."""
        return bytes.fromhex(self.at_home("/usr/bin/python3", "-c", ASK, request.hex()).communicate()[0].strip())

    def map(self, inner, outer, seconds):
        """Asks NAT-PMP for UDP ports; (result code, outer port, lifetime)."""
        answer = self.ask(struct.pack(">BBHHHI", 0, 1, 0, inner, outer, seconds))
        return struct.unpack(">xxHxxxxxxHI", answer)

    def rules(self, text):
        """How many of the firewall's rules speak of something."""
        return subprocess.run(["nft", "list", "ruleset"], capture_output=True, text=True).stdout.count(text)

    def end(self):
        if self.daemon.poll() is None:
            self.stop()
        self.inside.kill()
        self.inside.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
