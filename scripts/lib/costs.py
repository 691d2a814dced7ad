"""What a running node costs: processor time, bytes sent to peers, rounds of finality votes."""

import http.client
import os
import time
import urllib.request
from dataclasses import dataclass

from processes import Node

BYTES_SENT = "substrate_sub_libp2p_network_bytes_total"
ROUND = "substrate_finality_grandpa_round"
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# Loopback only: a proxy of the environment must never come between.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass
class Reading:
    """Counters of one node at one moment."""

    at: float
    cpu_seconds: float
    bytes_sent: float
    # Starts anew with every set of witnesses.
    rounds: float


def read(node: Node) -> Reading | None:
    """Blocks for as long as the node takes to answer; none where it has no metrics, or no time."""
    try:
        with OPENER.open(f"http://127.0.0.1:{node.prometheus_port}/metrics", timeout=10) as answer:
            metrics = answer.read().decode()
        cpu_seconds = _cpu_seconds(node.process.pid)
    except (OSError, http.client.HTTPException):
        return None
    return Reading(
        at=time.monotonic(),
        cpu_seconds=cpu_seconds,
        bytes_sent=metric(metrics, BYTES_SENT, 'direction="out"'),
        rounds=metric(metrics, ROUND),
    )


def metric(text: str, name: str, label: str = "") -> float:
    """The value of a metric in Prometheus' text format; 0 where the node has not got it yet."""
    for line in text.splitlines():
        head, _, value = line.rpartition(" ")
        if head.split("{")[0] == name and label in head:
            return float(value)
    return 0.0


def _cpu_seconds(pid: int) -> float:
    """User and system time; the fields after the name, which may hold anything but a last `)`."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def between(first: Reading | None, last: Reading | None) -> dict | None:
    """Rates over the time between two readings."""
    if first is None or last is None:
        return None
    seconds = max(last.at - first.at, 0.001)
    return {
        "cpu_percent": round(100 * (last.cpu_seconds - first.cpu_seconds) / seconds, 1),
        "sent_bytes_per_second": round((last.bytes_sent - first.bytes_sent) / seconds),
        "rounds_per_second": round((last.rounds - first.rounds) / seconds, 2),
    }
