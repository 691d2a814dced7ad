"""The links between the namespaces of a network, as one process: reads IP packets from the TUN
devices, holds each for the same time, and writes it to the device that has its destination.

Usage: delay_relay.py MILLISECONDS ADDRESS=DESCRIPTOR..."""

import contextlib
import os
import select
import socket
import sys
import time
from collections import deque

from netns import PACKET_HEADER

# An IPv4 packet is at most this long.
LARGEST_PACKET = PACKET_HEADER + 65535
DESTINATION = slice(PACKET_HEADER + 16, PACKET_HEADER + 20)
# Packets read from one device before the others and the due ones get their turn.
BURST = 64
# The lowest of the real-time priorities: above every ordinary process.
PRIORITY = 1


class Relay:
    """`devices` are TUN descriptors by IPv4 address, four bytes."""

    def __init__(self, delay_seconds: float, devices: dict[bytes, int]):
        self._delay = delay_seconds
        self._devices = devices
        # One delay for all: what came first is due first.
        self._held: deque[tuple[float, int, bytes]] = deque()

    def run(self) -> None:
        descriptors = list(self._devices.values())
        while True:
            # Not epoll: its time-outs are whole milliseconds.
            ready, _, _ = select.select(descriptors, [], [], self._until_due())
            for descriptor in ready:
                self._take_in(descriptor)
            self._hand_out()

    def _until_due(self) -> float | None:
        if not self._held:
            return None
        return max(0.0, self._held[0][0] - time.monotonic())

    def _take_in(self, descriptor: int) -> None:
        due = time.monotonic() + self._delay
        with contextlib.suppress(BlockingIOError):
            for _ in range(BURST):
                packet = os.read(descriptor, LARGEST_PACKET)
                # None for what is not for a node, such as multicast.
                target = self._devices.get(packet[DESTINATION])
                if target is not None:
                    self._held.append((due, target, packet))

    def _hand_out(self) -> None:
        now = time.monotonic()
        while self._held and self._held[0][0] <= now:
            _, target, packet = self._held.popleft()
            os.write(target, packet)


def main() -> None:
    delay_ms, *pairs = sys.argv[1:]
    devices = {}
    for pair in pairs:
        address, descriptor = pair.split("=")
        devices[socket.inet_aton(address)] = int(descriptor)
    # Busy processors must not make distances longer. Where it is refused, the measured round trip
    # shows what that costs.
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    Relay(int(delay_ms) / 1000, devices).run()


if __name__ == "__main__":
    main()
