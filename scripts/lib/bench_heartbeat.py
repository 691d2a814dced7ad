"""scripts/bench heartbeat: what a million stakers cost the chain, its nodes and the network."""

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from figures import exit_code, machine, table, write
from processes import NetworkFailure, die_with_parent
from session import run_network, say
from settings import Settings, can_write

PARTS = ["verify", "period", "traffic", "speed", "network"]
# Stakers of one verification, and how many of a hundred are present.
SIZES = [1_000, 10_000, 100_000]
PRESENT = [50, 80, 95, 100]
# The network with and without a swarm: periods of a minute, and seconds of the measured window. In
# less time its median is not good enough for a ratio within a hundredth or two.
SWARM, SWARM_PERIOD_SLOTS, SWARM_SECONDS = 100_000, 120, 420
SWARM_NODE = "Eve"
ROOT = Path(os.environ["VIGIL_ROOT"])
TOOL = Path(os.environ["CARGO_TARGET_DIR"]) / "release/vigil-swarm"
SPEC = ROOT / "chain-specs/local/raw.json"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench heartbeat", add_help=False, allow_abbrev=False
    )
    parser.add_argument("--only", action="append", choices=PARTS)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--stakers", type=int, default=1_000_000)
    parser.add_argument("--swarm", type=int, default=SWARM)
    parser.add_argument("--seconds", type=int, default=SWARM_SECONDS)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    if not can_write(given.json):
        parser.error(f"--json {given.json}: there is no such directory")
    return given


def swarm(*options: object) -> dict:
    """What the tool prints, which says on stderr what it is doing."""
    command = [str(TOOL), *map(str, options)]
    answer = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=False, preexec_fn=die_with_parent
    )
    if answer.returncode != 0:
        raise NetworkFailure(f"`{shlex.join(command)}` failed; its message is above")
    return json.loads(answer.stdout) if answer.stdout else {}


def period(stakers: int, present: int, repeat: int) -> dict:
    """One period in real blocks: the run whose execution took the median time."""
    runs = [
        swarm("period", "--stakers", stakers, "--present", present, "--base", SPEC)
        for _ in range(repeat)
    ]
    middle = statistics.median_low(run["execution_total_ms"] for run in runs)
    return next(run for run in runs if run["execution_total_ms"] == middle)


def measure_verify(given: argparse.Namespace) -> dict:
    rows = [period(stakers, share, given.repeat) for stakers in SIZES for share in PRESENT]
    print(
        table(
            ["stakers", "present", "blocks", "executed", "weight", "largest block"],
            [
                [
                    f"{row['stakers']:,}",
                    f"{row['present_percent']} %",
                    row["blocks"],
                    f"{row['execution_total_ms']:.1f} ms",
                    f"{row['weight_total_ms']:.1f} ms",
                    f"{row['execution_max_ms']:.1f} ms",
                ]
                for row in rows
            ],
        )
    )
    result = {"verify": rows}
    for row in rows:
        if row["present_percent"] == 95:
            result[f"verify_ms_{row['stakers']}"] = row["execution_total_ms"]
    result["chain_bytes_per_staker_period"] = rows[-2]["aggregate_bytes_per_staker"]
    return result


def measure_period(given: argparse.Namespace) -> dict:
    row = period(given.stakers, 95, 1)
    print(table(["figure", "value"], [[key, value] for key, value in row.items()]))
    return {
        "period": row,
        "period_1m_share_percent": row["share_of_period_percent"],
        "period_1m_max_block_ms": row["execution_max_ms"],
        "state_bytes_per_staker": row["state_bytes_per_staker"],
    }


def measure_plain(name: str) -> dict:
    result = swarm(name)
    print(table(["figure", "value"], [[key, value] for key, value in result.items()]))
    return result


def measure_network(given: argparse.Namespace) -> dict:
    """The same network twice: with nobody's heartbeats, and with a swarm's."""
    with tempfile.TemporaryDirectory(prefix="vigil-swarm-") as directory:
        spec = Path(directory) / "swarm.json"
        options = ("--stakers", given.swarm, "--period-slots", SWARM_PERIOD_SLOTS)
        swarm("spec", *options, "--base", SPEC, "--out", spec)
        alone = ["--heartbeat-test-keys", str(given.swarm)]
        without = run(given, str(spec), {})
        with_swarm = run(given, str(spec), {SWARM_NODE: alone})
    interval = without["blocks"] / max(1, with_swarm["blocks"])
    if not (without["finalized"] and with_swarm["finalized"]):
        raise NetworkFailure("a window has no final block, so there is no ratio")
    finality = with_swarm["finality_p50_ms"] / without["finality_p50_ms"]
    columns = ["slot_fill_percent", "finalized", "finality_p50_ms", "finality_p90_ms"]
    columns += ["finality_mean_ms", "heartbeats_recorded"]
    rows = [
        [title, *(row[column] for column in columns)]
        for title, row in [("no heartbeats", without), (f"{given.swarm:,}", with_swarm)]
    ]
    print(table(["stakers that send", *columns], rows))
    return {
        "network": {"without": without, "with": with_swarm},
        "interval_ratio_100k": interval,
        "finality_ratio_100k": finality,
    }


def run(given: argparse.Namespace, chain: str, own_arguments: dict[str, list[str]]) -> dict:
    settings = Settings(
        seconds=given.seconds,
        min_fill=0,
        max_p90_ms=10**9,
        chain=chain,
        own_arguments=own_arguments,
    )
    summary = run_network(Path(os.environ["VIGIL_NODE"]), settings)
    for problem in summary["problems"]:
        say(f"bench: note: {problem}")
    return summary


def main() -> None:
    given = arguments()
    result: dict = {"command": shlex.join(["scripts/bench", "heartbeat", *sys.argv[1:]])}
    result["machine"] = machine()
    measures = {
        "verify": lambda: measure_verify(given),
        "period": lambda: measure_period(given),
        "traffic": lambda: measure_plain("traffic"),
        "speed": lambda: measure_plain("speed"),
        "network": lambda: measure_network(given),
    }
    for part in given.only or PARTS:
        say(f"bench: {part}")
        result |= measures[part]()
    write(given.json, result)


if __name__ == "__main__":
    sys.exit(exit_code(main))
