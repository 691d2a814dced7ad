"""The local network with a distance between its nodes: one network namespace each, and links that
deliver every packet later."""

import asyncio
import contextlib
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import netns
from measure import percentile
from netns import Namespace
from network import START_SECONDS
from processes import Keyed, NetworkFailure, Node, Processes, die_with_parent, end_all

# RFC 2544: set aside for measurements. Nothing leads out of the namespaces, so it cannot clash.
SUBNET, PREFIX_BITS = "198.18.0", 24
# No process in the namespaces listens there: the kernel refuses a connection after one round trip.
CLOSED_PORT = 9
PROBE_SECONDS = 0.2


class DistantProcesses(Processes):
    """Nodes that reach one another after `delay_ms`, and the measuring script at once."""

    def __init__(
        self,
        binary: Path,
        extra_arguments: list[str],
        others: Sequence[Keyed],
        delay_ms: int,
    ):
        super().__init__(binary, extra_arguments, others)
        self.delay_ms = delay_ms
        self._helpers: dict[str, subprocess.Popen] = {}

    def check(self) -> None:
        super().check()
        for name, helper in self._helpers.items():
            if helper.poll() is not None:
                raise NetworkFailure(
                    f"{name} ended by itself (exit code {helper.returncode}); "
                    f"{self._helper_log(name)}: {self._helper_log(name).read_text()}"
                )

    def _prepare(self) -> None:
        try:
            self._make_links()
        except netns.NamespaceFailure as cause:
            raise NetworkFailure(f"--delay-ms: {cause}") from cause
        ports = [
            f"{port}={namespace.handle}"
            for node, namespace in zip(self.nodes, self.namespaces, strict=True)
            for port in (node.rpc_port, node.prometheus_port)
        ]
        handles = [namespace.handle for namespace in self.namespaces]
        self._start_helper("port_forward.py", ports, handles)

    def _make_links(self) -> None:
        tuns = []
        try:
            for number, node in enumerate(self.nodes, 1):
                namespace = netns.create(f"{SUBNET}.{number}")
                self.namespaces.append(namespace)
                tuns.append(namespace.open_tun())
                namespace.configure(PREFIX_BITS)
                node.host = namespace.address
            devices = [
                f"{namespace.address}={tun}"
                for namespace, tun in zip(self.namespaces, tuns, strict=True)
            ]
            self._start_helper("delay_relay.py", [str(self.delay_ms), *devices], tuns)
        finally:
            # The relay's copies alone keep the devices.
            for tun in tuns:
                os.close(tun)

    def _start_helper(self, name: str, arguments: list[str], descriptors: list[int]) -> None:
        with self._helper_log(name).open("wb") as log:
            self._helpers[name] = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name(name)), *arguments],
                pass_fds=descriptors,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def _helper_log(self, name: str) -> Path:
        return self.directory / f"{name}.log"

    def _in_child(self, node: Node) -> None:
        super()._in_child(node)
        netns.enter(self._namespace(node).handle)

    def _started(self, node: Node) -> None:
        """One after the other, and each dials only those before it. Two nodes that dial each other
        within the delay get one TCP connection that both believe to have opened, drop it, and try
        again in the same rhythm for minutes: they dial from the port they listen on."""
        deadline = time.monotonic() + START_SECONDS
        while not self._listens(node):
            self._check_node(node)
            if time.monotonic() > deadline:
                raise NetworkFailure(
                    f"{node.name}'s node does not listen after {START_SECONDS:.0f} s; "
                    "stop what else runs on this machine"
                )
            time.sleep(0.05)

    def _bootnodes(self, node: Node) -> list[Node]:
        return self.nodes[: self.nodes.index(node)]

    def _listens(self, node: Node) -> bool:
        with self._namespace(node).open_socket() as probe:
            return probe.connect_ex((node.host, node.p2p_port)) == 0

    def _namespace(self, node: Node) -> Namespace:
        return self.namespaces[self.nodes.index(node)]

    def _command(self, node: Node) -> list[str]:
        return [*super()._command(node), "--public-addr", node.listen_address]

    def _clear(self) -> None:
        end_all(list(self._helpers.values()))
        while self.namespaces:
            self.namespaces.pop().close()


class RoundTrips:
    """While this context lasts, connections are tried between every two namespaces in turn."""

    def __init__(self, namespaces: list[Namespace]):
        self._namespaces = namespaces
        self._times_ms: list[float] = []
        self._task: asyncio.Task | None = None

    async def __aenter__(self) -> "RoundTrips":
        if self._namespaces:
            self._task = asyncio.create_task(self._probe())
        return self

    async def __aexit__(self, kind, value, traceback) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def summary(self) -> dict:
        """Nothing on the plain loopback."""
        if not self._namespaces:
            return {}
        return {
            "round_trips": len(self._times_ms),
            "round_trip_p50_ms": percentile(self._times_ms, 50),
            "round_trip_p90_ms": percentile(self._times_ms, 90),
            "round_trip_max_ms": percentile(self._times_ms, 100),
            "packets_lost": sum(namespace.packets_lost() for namespace in self._namespaces),
        }

    async def _probe(self) -> None:
        for source, target in itertools.cycle(itertools.permutations(self._namespaces, 2)):
            # No sample without a link; that the relay is gone is found by `check`.
            with contextlib.suppress(OSError):
                await self._probe_once(source, target)
            await asyncio.sleep(PROBE_SECONDS)

    async def _probe_once(self, source: Namespace, target: Namespace) -> None:
        with source.open_socket() as probe:
            probe.setblocking(False)
            begun = time.monotonic()
            try:
                await asyncio.get_running_loop().sock_connect(probe, (target.address, CLOSED_PORT))
            except ConnectionRefusedError:
                self._times_ms.append((time.monotonic() - begun) * 1000)
