"""scripts/run after set-up and build; its options are described there.

With --check-options it looks at them and does nothing else: that needs no package, so it can be
done before set-up.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from processes import NODES, NetworkFailure, Stopped
from settings import Settings, can_write

CHECK_OPTIONS = "--check-options"


def arguments() -> argparse.Namespace:
    defaults = Settings()
    parser = argparse.ArgumentParser(prog="scripts/run", add_help=False, allow_abbrev=False)
    parser.add_argument("--seconds", type=int)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--settle", type=int, default=defaults.settle)
    parser.add_argument("--measure-at", default=defaults.measure_at, choices=NODES)
    parser.add_argument("--min-fill", type=float, default=defaults.min_fill)
    parser.add_argument("--max-p50-ms", type=int, default=defaults.max_p50_ms)
    parser.add_argument("--max-p90-ms", type=int, default=defaults.max_p90_ms)
    parser.add_argument("--keep", action="store_true")
    words = [word for word in sys.argv[1:] if word != CHECK_OPTIONS]
    # What stands behind it is the nodes'.
    end = words.index("--") if "--" in words else len(words)
    given = parser.parse_args(words[:end])
    given.node_arguments = words[end + 1 :]
    if given.seconds is not None and given.seconds < 1:
        parser.error("--seconds needs a number of at least 1")
    if given.json and given.seconds is None:
        parser.error("--json needs --seconds: the summary is written when the window ends")
    if not can_write(given.json):
        parser.error(f"--json {given.json}: there is no such directory")
    return given


def write(summary: dict, file: Path | None) -> None:
    text = json.dumps(summary, indent=2) + "\n"
    if file:
        file.write_text(text)
    else:
        print(text, end="")


def main() -> int:
    given = arguments()
    if CHECK_OPTIONS in sys.argv[1:]:
        return 0
    from rpc import RpcFailure
    from session import run_network, say

    settings = vars(given).copy()
    settings.pop("json")
    if given.json and given.json.is_file() and not given.json.is_symlink():
        # That of an earlier run must not be taken for this one's.
        given.json.unlink()
    try:
        summary = run_network(Path(os.environ["VIGIL_NODE"]), Settings(**settings))
    except Stopped:
        say("run: stopped, no process is left")
        return 0 if given.seconds is None else 130
    except (NetworkFailure, RpcFailure) as failure:
        say(f"run: error: {failure}")
        if given.seconds is not None:
            write({"healthy": False, "problems": [str(failure)]}, given.json)
        return 1
    write(summary, given.json)
    for problem in summary["problems"]:
        say(f"run: not healthy: {problem}")
    if summary["problems"]:
        return 1
    say(
        f"run: healthy. {summary['blocks']} of {summary['slots']} slots filled, "
        f"finality p50 {summary['finality_p50_ms']} ms, p90 {summary['finality_p90_ms']} ms"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
