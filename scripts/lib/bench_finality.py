"""scripts/bench finality: the local network once per setting, and a table of what it did."""

import argparse
import os
import shlex
import sys
from pathlib import Path

from figures import exit_code, machine, table, write
from session import run_network, say
from settings import Settings, can_write

COLUMNS = [
    ("setting", "setting"),
    ("slots filled", "slot_fill_percent"),
    ("final", "finalized"),
    ("p50", "finality_p50_ms"),
    ("p90", "finality_p90_ms"),
    ("max", "finality_max_ms"),
    ("round trip", "round_trip_p50_ms"),
]
# Nodes farther apart than this are on no network that somebody would run this chain on.
LARGEST_DELAY_MS = 1000


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench finality", add_help=False, allow_abbrev=False
    )
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--gossip-ms", default="")
    parser.add_argument("--delay-ms", type=int, default=0)
    parser.add_argument("--measure-at", default="Alice")
    parser.add_argument("--json", type=Path)
    parser.add_argument("node_arguments", nargs="*")
    given = parser.parse_args()
    try:
        given.gossip_ms = [int(value) for value in given.gossip_ms.split(",") if value]
    except ValueError:
        parser.error("--gossip-ms needs milliseconds separated by commas, such as 50,150,333")
    if not 0 <= given.delay_ms <= LARGEST_DELAY_MS:
        parser.error(f"--delay-ms needs a number from 0 to {LARGEST_DELAY_MS}")
    if not can_write(given.json):
        parser.error(f"--json {given.json}: there is no such directory")
    return given


def measure(setting: str, node_arguments: list[str], given: argparse.Namespace) -> dict:
    """A setting that ruins the network is a result too: no thresholds here."""
    say(f"bench: {setting}, {given.seconds} s")
    settings = Settings(
        seconds=given.seconds,
        measure_at=given.measure_at,
        min_fill=0,
        max_p90_ms=10**9,
        delay_ms=given.delay_ms,
        node_arguments=node_arguments,
    )
    summary = run_network(Path(os.environ["VIGIL_NODE"]), settings)
    for problem in summary["problems"]:
        say(f"bench: note: {problem}")
    others = len(summary["nodes"]) - 1
    lonely = [f"{name} {peers}" for name, peers in summary["peers"].items() if peers < others]
    if lonely:
        say(f"bench: note: fewer than {others} peers at the end: {', '.join(lonely)}")
    if summary.get("packets_lost"):
        say(f"bench: note: {summary['packets_lost']} packets were lost: the links were too slow")
    return {"setting": setting, "delay_ms": given.delay_ms, **summary}


def cell(key: str, row: dict) -> str:
    value = row[key]
    if value is None:
        return "-"
    if key == "finalized":
        return f"{value} of {row['blocks']}"
    unit = {"slot_fill_percent": " %"}.get(key, " ms" if key.endswith("_ms") else "")
    return f"{value}{unit}"


def markdown(rows: list[dict], command: str, hardware: dict) -> str:
    """As it goes into docs/performance.md."""
    columns = [(title, key) for title, key in COLUMNS if key in rows[0]]
    delay_ms = rows[0]["delay_ms"]
    apart = f" {delay_ms} ms apart" if delay_ms else ""
    head = (
        f"`{command}` on {hardware['cpu']}, {hardware['cores']} cores, "
        f"{hardware['memory_gib']} GiB; {len(rows[0]['nodes'])} nodes{apart}, "
        f"{rows[0]['slot_duration_ms']} ms slots, measured at {rows[0]['measured_at']}"
    )
    titles = [title for title, _ in columns]
    return f"{head}\n\n" + table(titles, [[cell(key, row) for _, key in columns] for row in rows])


def main() -> None:
    given = arguments()
    extra = given.node_arguments
    runs = [(f"{ms} ms", ["--grandpa-gossip-ms", str(ms), *extra]) for ms in given.gossip_ms]
    rows = [
        measure(setting, node_arguments, given)
        for setting, node_arguments in runs or [("default", extra)]
    ]
    command = shlex.join(["scripts/bench", "finality", *sys.argv[1:]])
    hardware = machine()
    print(markdown(rows, command, hardware))
    write(given.json, {"command": command, "machine": hardware, "rows": rows})


if __name__ == "__main__":
    sys.exit(exit_code(main))
