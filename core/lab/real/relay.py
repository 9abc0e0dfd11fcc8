"""Ends of links whose packets come late, or not at all, by a program between two devices: not every kernel has netem.

usage: relay.py LOSS DELAY NAMESPACE HERE THERE    the share of packets that are lost each way, seconds that they take each way; frames of the device
                                                   HERE go to the device THERE of that namespace of `ip netns`, and back. Both are persistent taps.
"""

import collections
import ctypes
import fcntl
import os
import random
import select
import struct
import sys
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF = 0x400454CA
TAP_WITHOUT_HEADER = 0x1002


def tap(name):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), TAP_WITHOUT_HEADER))
    return device


def enter(namespace):
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/run/netns/{namespace}") as opened:
        if libc.setns(opened.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")


def frames(device):
    for _ in range(64):
        try:
            yield os.read(device, 65535)
        except OSError:
            return  # nothing waits, or the device is down


def pass_on(waiting, target, now):
    """Returns when the next one is due."""
    while waiting and waiting[0][0] <= now:
        try:
            os.write(target, waiting.popleft()[1])
        except OSError:
            pass  # its device is down
    return waiting[0][0] if waiting else now + 1


def main():
    loss, delay = float(sys.argv[1]), float(sys.argv[2])
    here = tap(sys.argv[4])
    enter(sys.argv[3])
    there = tap(sys.argv[5])
    chance = random.Random(7)
    ways = {here: (there, collections.deque()), there: (here, collections.deque())}
    due = 0.0
    while True:
        ready, _, _ = select.select([here, there], [], [], max(0.0, min(1.0, due - time.monotonic())))
        now = time.monotonic()
        for device in ready:
            for frame in frames(device):
                if chance.random() >= loss:
                    ways[device][1].append((now + delay, frame))
        due = min(pass_on(waiting, target, now) for target, waiting in ways.values())


main()
