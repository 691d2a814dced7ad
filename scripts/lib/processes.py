"""The local network's processes: started together, watched, and never left behind."""

import contextlib
import ctypes
import functools
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from netns import Namespace

NODES = ["Alice", "Bob", "Charlie", "Dave", "Eve", "Ferdie"]
RPC_PORT, P2P_PORT, PROMETHEUS_PORT = 9944, 30333, 9615
# Where another port is looked for when the preferred one is occupied: in steps that leave the
# neighbours theirs, and so many times.
PORT_STEP, PORT_TRIES = 10, 20
# A node that is asked to stop closes its database first.
STOP_SECONDS = 10.0
PR_SET_PDEATHSIG = 1

# Loaded before any fork: a library must not be looked up in a forked child.
LIBC = ctypes.CDLL(None, use_errno=True)
PARENT = os.getpid()


class NetworkFailure(Exception):
    """The network could not be started or kept; the message says what to do."""


class Stopped(Exception):
    """Somebody asked for the end: Ctrl-C, SIGTERM, or a closed terminal."""


def die_with_parent() -> None:
    """In the child: the kernel kills it when the script dies, even by a signal nobody can catch."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != PARENT:
        os._exit(1)


@dataclass
class Keyed:
    """A validator that the node has no flag for: its keys, by file, are put into its keystore."""

    name: str
    account: str
    keys: dict[str, str]


@dataclass
class Node:
    name: str
    key: str
    rpc_port: int
    p2p_port: int
    prometheus_port: int
    directory: Path
    host: str = "127.0.0.1"
    peer_id: str = ""
    process: subprocess.Popen | None = None

    @property
    def rpc_url(self) -> str:
        return f"ws://127.0.0.1:{self.rpc_port}"

    @property
    def listen_address(self) -> str:
        return f"/ip4/{self.host}/tcp/{self.p2p_port}"

    @property
    def address(self) -> str:
        return f"{self.listen_address}/p2p/{self.peer_id}"

    @property
    def log(self) -> Path:
        return self.directory / "node.log"

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def why_it_died(self) -> str:
        with contextlib.suppress(OSError):
            tail = self.log.read_text(errors="replace").splitlines()[-12:]
            return "\n".join("    " + line for line in tail)
        return "    (no log)"


class Ports:
    """Free ports of the loopback, the preferred ones first; none is handed out twice."""

    def __init__(self) -> None:
        self._taken: set[int] = set()
        self.moved: list[str] = []

    def take(self, preferred: int, purpose: str) -> int:
        candidates = range(preferred, preferred + PORT_STEP * PORT_TRIES, PORT_STEP)
        for port in candidates:
            if port not in self._taken and self._is_free(port):
                self._taken.add(port)
                if port != preferred:
                    self.moved.append(f"{purpose} {preferred} → {port}")
                return port
        raise NetworkFailure(
            f"no free port for {purpose} among {preferred}, {preferred + PORT_STEP} … "
            f"{candidates[-1]}; stop what occupies them (ss -ltnp shows it)"
        )

    @staticmethod
    def _is_free(port: int) -> bool:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
            return True


def end_all(processes: list[subprocess.Popen]) -> None:
    """Asks them to stop, and kills those that do not in time."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
    for process in processes:
        if process.poll() is None:
            process.kill()
            process.wait()


class Processes:
    """A context manager: whatever happens inside, the nodes are gone after it."""

    def __init__(self, binary: Path, extra_arguments: list[str], others: Sequence[Keyed] = ()):
        self.binary = binary
        self.extra_arguments = extra_arguments
        # Beside the six: by name.
        self.others = {other.name: other for other in others}
        # The chain: a name, or the file of its specification.
        self.chain = "local"
        # By name of the node: what only it is told.
        self.own_arguments: dict[str, list[str]] = {}
        self.keep = False
        # One for each node, where they do not share the loopback.
        self.namespaces: list[Namespace] = []
        ports = Ports()
        taken = [
            (
                name,
                ports.take(RPC_PORT + i, f"{name}'s RPC port"),
                ports.take(P2P_PORT + i, f"{name}'s peer port"),
                ports.take(PROMETHEUS_PORT + i, f"{name}'s metrics port"),
            )
            for i, name in enumerate([*NODES, *self.others])
        ]
        # After everything that can fail.
        self.directory = Path(tempfile.mkdtemp(prefix="vigil-network-"))
        self.nodes = [
            Node(
                name=name,
                # Fixed, so that peer ids stay the same from run to run. Worth nothing to anybody.
                key=hashlib.sha256(f"vigil local network: {name}".encode()).hexdigest(),
                rpc_port=rpc_port,
                p2p_port=p2p_port,
                prometheus_port=prometheus_port,
                directory=self.directory / name.lower(),
            )
            for name, rpc_port, p2p_port, prometheus_port in taken
        ]
        self.moved_ports = ports.moved

    def __enter__(self) -> "Processes":
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, kind, value, traceback) -> None:
        self.keep = self.keep or kind not in (None, Stopped)
        self._stop()

    def check(self) -> None:
        """Raises when a node has died, with the end of its log."""
        for node in self.nodes:
            self._check_node(node)

    def _check_node(self, node: Node) -> None:
        if not node.alive():
            code = node.process.returncode if node.process else "never started"
            raise NetworkFailure(
                f"{node.name}'s node ended by itself (exit code {code}). "
                f"Last lines of {node.log}:\n{node.why_it_died()}"
            )

    def _start(self) -> None:
        if not os.access(self.binary, os.X_OK):
            raise NetworkFailure(f"there is no node at {self.binary}; scripts/run builds it")
        with ThreadPoolExecutor() as pool:
            for node, peer_id in zip(self.nodes, pool.map(self._peer_id, self.nodes), strict=True):
                node.peer_id = peer_id
        self._prepare()
        for node in self.nodes:
            node.directory.mkdir(parents=True)
            self._write_keys(node)
            # From the main thread: the kernel's promise is tied to the thread that forks.
            with node.log.open("wb") as log:
                node.process = subprocess.Popen(
                    self._command(node),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    # Ctrl-C reaches this script only, which then stops the nodes in order.
                    start_new_session=True,
                    preexec_fn=functools.partial(self._in_child, node),
                )
            self._started(node)

    def _write_keys(self, node: Node) -> None:
        if node.name in self.others:
            keystore = node.directory / "data/chains/vigil_local/keystore"
            keystore.mkdir(parents=True)
            for file, secret in self.others[node.name].keys.items():
                (keystore / file).write_text(f'"{secret}"')

    def _prepare(self) -> None:
        """What must be there before the nodes."""

    def _in_child(self, node: Node) -> None:
        """In the forked child, before it becomes the node."""
        die_with_parent()

    def _started(self, node: Node) -> None:
        """Before the next node is started."""

    def _bootnodes(self, node: Node) -> list[Node]:
        return [other for other in self.nodes if other is not node]

    def _clear(self) -> None:
        """What must not be there after the nodes."""

    def _command(self, node: Node) -> list[str]:
        bootnodes = [other.address for other in self._bootnodes(node)]
        return [
            str(self.binary),
            *("--chain", self.chain),
            *self._identity(node),
            *("--base-path", str(node.directory / "data")),
            *("--node-key", node.key),
            *("--listen-addr", node.listen_address),
            *("--rpc-port", str(node.rpc_port)),
            *("--prometheus-port", str(node.prometheus_port)),
            *(["--bootnodes", *bootnodes] if bootnodes else []),
            "--no-mdns",
            "--no-telemetry",
            *self.extra_arguments,
            *self.own_arguments.get(node.name, []),
        ]

    def _identity(self, node: Node) -> list[str]:
        if node.name in self.others:
            return ["--validator", "--name", node.name]
        return [f"--{node.name.lower()}"]

    def _peer_id(self, node: Node) -> str:
        command = [str(self.binary), "key", "inspect-node-key"]
        answer = subprocess.run(command, input=node.key, capture_output=True, text=True, timeout=60)
        if answer.returncode != 0:
            raise NetworkFailure(f"{' '.join(command)} failed:\n{answer.stderr.strip()}")
        return answer.stdout.split()[-1]

    def _stop(self) -> None:
        # An impatient second Ctrl-C must not leave the nodes to the kernel: this ends in seconds.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        end_all([node.process for node in self.nodes if node.process])
        self._clear()
        if self.keep:
            print(f"logs and databases are kept in {self.directory}", file=sys.stderr)
        else:
            shutil.rmtree(self.directory, ignore_errors=True)
