"""A line between two network namespaces: whatever one sends to the other's address passes through here, late, perhaps twice, or not at all.

usage: line.py PATH PATH OPTIONS    these namespaces (/proc/PID/ns/net) get a device `line0` with 10.79.0.1 and 10.79.0.2;
                                    OPTIONS: a JSON object: mtu; delay, ms one way; loss, duplicates, late: shares of packets, the last come
                                    up to 30 ms later; rate, bytes/s; queue, bytes that may wait for it. Ends when its standard input does.
"""

import ctypes
import fcntl
import heapq
import json
import os
import random
import select
import struct
import subprocess
import sys
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
TUN_WITHOUT_HEADER = 0x1001


def tun(path, address, peer, mtu):
    libc = ctypes.CDLL(None, use_errno=True)
    with open(path) as namespace:
        if libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", b"line0", TUN_WITHOUT_HEADER))
    for command in (
        f"ip addr add {address} peer {peer} dev line0",
        f"ip link set line0 mtu {mtu} txqueuelen 2000 up",
    ):
        subprocess.run(command.split(), check=True)
    return device


class Way:
    """From one device to the other."""

    def __init__(self, target, options, chance):
        self.target = target
        self.options = options
        self.chance = chance
        self.free = 0.0
        self.waiting = []
        self.count = 0

    def take(self, packet, now):
        options = self.options
        if self.chance.random() < options.get("loss", 0):
            return
        begin = max(self.free, now)
        rate = options.get("rate", 0)
        if rate:
            if (begin - now) * rate + len(packet) > options.get("queue", rate):
                return
            begin += len(packet) / rate
            self.free = begin
        late = self.chance.random() * 0.03 if self.chance.random() < options.get("late", 0) else 0
        for _ in range(2 if self.chance.random() < options.get("duplicates", 0) else 1):
            self.count += 1
            heapq.heappush(self.waiting, (begin + options.get("delay", 0) / 1000 + late, self.count, packet))

    def pass_on(self, now):
        """Returns when the next packet is due."""
        while self.waiting and self.waiting[0][0] <= now:
            try:
                os.write(self.target, heapq.heappop(self.waiting)[2])
            except OSError:
                pass  # its device is full, or gone
        return self.waiting[0][0] if self.waiting else now + 1


def main():
    near, far, options = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    mtu = options.get("mtu", 1500)
    one = tun(near, "10.79.0.1", "10.79.0.2", mtu)
    other = tun(far, "10.79.0.2", "10.79.0.1", mtu)
    chance = random.Random(7)
    ways = {one: Way(other, options, chance), other: Way(one, options, chance)}
    print("ready", flush=True)
    due = 0.0
    while True:
        ready, _, _ = select.select([one, other, 0], [], [], max(0.0, min(1.0, due - time.monotonic())))
        now = time.monotonic()
        for device in ready:
            if device == 0:
                if not os.read(0, 100):
                    return
                continue
            for _ in range(64):
                try:
                    ways[device].take(os.read(device, 65535), now)
                except BlockingIOError:
                    break
        due = min(way.pass_on(now) for way in ways.values())


main()
