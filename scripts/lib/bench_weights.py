"""Measures what our pallets cost and writes the weights into the runtime."""

import argparse
import os
import pathlib
import subprocess
import sys

# The release that belongs to polkadot-sdk 2609.2.0.
BENCHER = "0.28.0"
PALLETS = ["pallet_timeline", "pallet_roles", "pallet_heartbeat"]

ROOT = pathlib.Path(os.environ["VIGIL_ROOT"])
# The feature changes every crate: a directory of its own keeps the usual build warm.
TARGET = pathlib.Path(os.environ["CARGO_TARGET_DIR"]) / "benchmarks"
TOOLS = pathlib.Path(os.environ["VIGIL_CACHE"]) / "tools"
WASM = TARGET / "release/wbuild/vigil-runtime/vigil_runtime.compact.compressed.wasm"


def run(*command: str | pathlib.Path) -> None:
    """Run a command, show it, and stop when it fails."""
    print("+", *command, flush=True)
    result = subprocess.run([str(part) for part in command], cwd=ROOT, check=False)
    if result.returncode != 0:
        sys.exit(f"bench: `{command[0]}` failed with {result.returncode}; its message is above")


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench weights", description=__doc__)
    parser.add_argument("--pallet", action="append", choices=PALLETS, help="only this one")
    parser.add_argument("--steps", type=int, default=50, help="values of each component (50)")
    parser.add_argument("--repeat", type=int, default=20, help="runs of each value (20)")
    arguments = parser.parse_args()

    bencher = TOOLS / "bin/frame-omni-bencher"
    if not bencher.exists():
        run(
            *("cargo", "install", "--locked", "--root", TOOLS, "--target-dir", TARGET),
            *("--version", BENCHER, "frame-omni-bencher"),
        )
    run(
        *("cargo", "build", "--release", "--locked", "--target-dir", TARGET),
        *("--package", "vigil-runtime", "--features", "runtime-benchmarks"),
    )
    for pallet in arguments.pallet or PALLETS:
        run(
            *(bencher, "v1", "benchmark", "pallet", "--runtime", WASM, "--genesis-builder-preset"),
            *("local", "--pallet", pallet, "--extrinsic", "*"),
            *("--steps", str(arguments.steps), "--repeat", str(arguments.repeat)),
            *("--template", "scripts/lib/weights.hbs"),
            *("--output", f"runtime/src/weights/{pallet}.rs"),
        )
    run("cargo", "fmt", "--package", "vigil-runtime")


main()
