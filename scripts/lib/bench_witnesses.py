"""scripts/bench witnesses: the local network with ever more witnesses, and what each costs."""

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from bench_finality import cell
from figures import exit_code, machine, table, write
from network import PRODUCERS, WITNESSES
from processes import Keyed, NetworkFailure
from session import raise_when_stopped, run_network, say
from settings import Settings, can_write

# Key types, as the names of files in a keystore begin.
GRANDPA, DISCOVERY = b"gran".hex(), b"audi".hex()
MOST_WITNESSES = 51
BINARY = Path(os.environ["VIGIL_NODE"])
COLUMNS = [
    ("witnesses", "witness_count"),
    ("gossip", "gossip_ms"),
    ("slots filled", "slot_fill_percent"),
    ("final", "finalized"),
    ("p50", "finality_p50_ms"),
    ("p90", "finality_p90_ms"),
    ("rounds a second", "rounds_per_second"),
    ("a witness sends", "sent"),
    ("a witness computes", "cpu"),
    ("all nodes compute", "cpu_all"),
]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench witnesses", add_help=False, allow_abbrev=False
    )
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--witnesses", default="4,12,24")
    parser.add_argument("--gossip-ms", type=int, default=75)
    parser.add_argument("--delay-ms", type=int, default=0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("node_arguments", nargs="*")
    given = parser.parse_args()
    try:
        given.witnesses = [int(value) for value in given.witnesses.split(",")]
    except ValueError:
        parser.error("--witnesses needs numbers separated by commas, such as 4,12,24")
    if not can_write(given.json):
        parser.error(f"--json {given.json}: there is no such directory")
    if not all(len(WITNESSES) <= count <= MOST_WITNESSES for count in given.witnesses):
        parser.error(f"--witnesses needs numbers from {len(WITNESSES)} to {MOST_WITNESSES}")
    return given


def ask(*options: str) -> dict:
    """What the node answers as JSON."""
    answer = subprocess.run([str(BINARY), *options], capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise NetworkFailure(f"`{shlex.join([str(BINARY), *options])}` failed:\n{answer.stderr}")
    return json.loads(answer.stdout)


def public_keys(secret: str) -> tuple[dict, dict]:
    """Of both schemes that session keys use."""
    inspect = ("key", "inspect", "--output-type", "json", "--scheme")
    return ask(*inspect, "sr25519", secret), ask(*inspect, "ed25519", secret)


def add_witness(genesis: dict, number: int) -> Keyed:
    """Into the genesis; what its node needs to be that witness."""
    name = f"Witness{number}"
    secret = f"//{name}"
    sr25519, ed25519 = public_keys(secret)
    account = sr25519["ss58PublicKey"]
    genesis["roles"]["witnesses"].append(account)
    session_keys = {
        "aura": account,
        "authority_discovery": account,
        "grandpa": ed25519["ss58PublicKey"],
    }
    genesis["session"]["keys"].append([account, account, session_keys])
    hexadecimal = sr25519["publicKey"].removeprefix("0x")
    files = {
        GRANDPA + ed25519["publicKey"].removeprefix("0x"): secret,
        DISCOVERY + hexadecimal: secret,
    }
    return Keyed(name, hexadecimal, files)


def measure(count: int, given: argparse.Namespace, directory: Path) -> dict:
    raise_when_stopped()
    say(f"bench: {count} witnesses, {given.seconds} s")
    spec = ask("export-chain-spec", "--chain", "local")
    genesis = spec["genesis"]["runtimeGenesis"]["patch"]
    more = [add_witness(genesis, number) for number in range(len(WITNESSES) + 1, count + 1)]
    file = directory / f"{count}.json"
    file.write_text(json.dumps(spec))
    settings = Settings(
        seconds=given.seconds,
        min_fill=0,
        max_p90_ms=10**9,
        chain=str(file),
        delay_ms=given.delay_ms,
        more_witnesses=more,
        node_arguments=["--grandpa-gossip-ms", str(given.gossip_ms), *given.node_arguments],
    )
    summary = run_network(BINARY, settings)
    for problem in summary["problems"]:
        say(f"bench: note: {problem}")
    return {"witness_count": count, "gossip_ms": given.gossip_ms, **summary, **shares(summary)}


def shares(summary: dict) -> dict:
    """What the witnesses that do nothing else cost, in the middle, and all nodes together."""
    known = {name: costs for name, costs in summary["costs"].items() if costs}
    only = [known[name] for name in summary["witnesses"] if name in known and name not in PRODUCERS]
    if not only:
        return dict.fromkeys(["rounds_per_second", "sent", "cpu", "cpu_all"])
    middle = {key: statistics.median(one[key] for one in only) for key in only[0]}
    everybody = sum(one["cpu_percent"] for one in known.values())
    return {
        "rounds_per_second": middle["rounds_per_second"],
        "sent": f"{middle['sent_bytes_per_second'] / 1000:.1f} kB/s",
        "cpu": f"{middle['cpu_percent']:.1f} % of a core",
        "cpu_all": f"{everybody:.0f} %",
    }


def main() -> None:
    given = arguments()
    rows = []
    try:
        with tempfile.TemporaryDirectory(prefix="vigil-witnesses-") as directory:
            for count in given.witnesses:
                rows.append(measure(count, given, Path(directory)))
    finally:
        # What was measured counts, whatever came after.
        if rows:
            show(rows, given)


def show(rows: list[dict], given: argparse.Namespace) -> None:
    command = shlex.join(["scripts/bench", "witnesses", *sys.argv[1:]])
    hardware = machine()
    print(f"`{command}` on {hardware['cpu']}, {hardware['cores']} cores\n")
    titles = [title for title, _ in COLUMNS]
    print(table(titles, [[cell(key, row) for _, key in COLUMNS] for row in rows]))
    write(given.json, {"command": command, "machine": hardware, "rows": rows})


if __name__ == "__main__":
    sys.exit(exit_code(main))
