"""Network namespaces without names, each with one TUN device: the kernel removes both when the last
process that uses them is gone, however it went."""

import contextlib
import ctypes
import fcntl
import os
import socket
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

# What the device is called inside its namespace.
DEVICE = "link0"
# An ordinary path's, so that TCP starts as slowly as it does there.
MTU = 1500
# Packets that may wait for the relay while it is not running; the kernel's 500 are one burst.
QUEUE_PACKETS = 10_000
# struct virtio_net_hdr, in front of every packet of the devices opened here, in bytes.
PACKET_HEADER = 10

# linux/sched.h and linux/if_tun.h
CLONE_NEWNET = 0x40000000
TUNSETIFF, TUNSETOFFLOAD = 0x400454CA, 0x400454D0
IFF_TUN, IFF_NO_PI, IFF_VNET_HDR = 0x0001, 0x1000, 0x4000
TUN_F_CSUM, TUN_F_TSO4 = 0x01, 0x02
# linux/netdevice.h: `struct ifreq` of a 64-bit system
INTERFACE_REQUEST = "16sH22x"

# Loaded before any fork: a library must not be looked up in a forked child.
LIBC = ctypes.CDLL(None, use_errno=True)


NEEDS_ROOT = (
    "this needs root, with what was set up and built already: sudo env HOME=$HOME PATH=$PATH "
    "scripts/bench NAME --no-build …; a container needs CAP_SYS_ADMIN and CAP_NET_ADMIN too"
)


class NamespaceFailure(Exception):
    """This machine or this user cannot have a namespace; the message says what to do."""


@dataclass
class Namespace:
    """`handle` is a descriptor that keeps it alive, `address` the IPv4 address of its device."""

    handle: int
    address: str

    def configure(self, prefix_bits: int) -> None:
        commands = (
            "link set lo up\n"
            f"link set {DEVICE} mtu {MTU} txqueuelen {QUEUE_PACKETS} addrgenmode none\n"
            f"address add {self.address}/{prefix_bits} dev {DEVICE}\n"
            f"link set {DEVICE} up\n"
        )
        try:
            with inside(self.handle):
                done = subprocess.run(
                    ["ip", "-batch", "-"], input=commands, capture_output=True, text=True
                )
        except FileNotFoundError:
            raise NamespaceFailure("the command 'ip' is missing; install iproute2") from None
        if done.returncode != 0:
            raise NamespaceFailure(f"'ip' could not set up {DEVICE}:\n{done.stderr.strip()}")

    def open_tun(self) -> int:
        """The descriptor is the other end: what the namespace sends is read there."""
        try:
            with inside(self.handle):
                tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        except OSError as cause:
            raise NamespaceFailure(
                f"/dev/net/tun: {cause.strerror}; 'modprobe tun' loads the kernel's module, "
                "and a container must be given the device"
            ) from cause
        try:
            flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR
            fcntl.ioctl(tun, TUNSETIFF, struct.pack(INTERFACE_REQUEST, DEVICE.encode(), flags))
            # TCP hands over up to 64 KiB at once, as to a network card. It is still cut to the MTU
            # for the peer, and costs the relay one packet instead of forty.
            fcntl.ioctl(tun, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4)
        except OSError as cause:
            os.close(tun)
            raise NamespaceFailure(f"no TUN device: {cause.strerror}; {NEEDS_ROOT}") from cause
        return tun

    def open_socket(self) -> socket.socket:
        """A socket belongs for ever to the namespace it was created in."""
        with inside(self.handle):
            return socket.socket()

    def packets_lost(self) -> int:
        """Those that neither the device nor the relay had room for."""
        with inside(self.handle), open("/proc/thread-self/net/dev") as devices:
            lines = dict(line.split(":", 1) for line in devices if ":" in line)
        counts = {name.strip(): line.split() for name, line in lines.items()}[DEVICE]
        # Eight columns of what was received, eight of what was sent; the fourth of each are drops.
        return int(counts[3]) + int(counts[11])

    def close(self) -> None:
        os.close(self.handle)


def create(address: str) -> Namespace:
    with _own() as own:
        try:
            _checked(LIBC.unshare(CLONE_NEWNET))
        except OSError as cause:
            message = f"no network namespace: {cause.strerror}; {NEEDS_ROOT}"
            raise NamespaceFailure(message) from cause
        try:
            return Namespace(_open_current(), address)
        finally:
            enter(own)


def enter(handle: int) -> None:
    """Moves this thread and what it starts from here on."""
    _checked(LIBC.setns(handle, CLONE_NEWNET))


@contextlib.contextmanager
def inside(handle: int) -> Iterator[None]:
    with _own() as own:
        try:
            enter(handle)
            yield
        finally:
            enter(own)


@contextlib.contextmanager
def _own() -> Iterator[int]:
    own = _open_current()
    try:
        yield own
    finally:
        os.close(own)


def _open_current() -> int:
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY)


def _checked(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
