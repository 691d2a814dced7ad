"""What the benchmarks have in common: the machine, tables, files, and how they end early."""

import json
import os
import platform
from collections.abc import Callable
from pathlib import Path

from processes import NetworkFailure, Stopped
from rpc import RpcFailure
from session import raise_when_stopped, say


def machine() -> dict:
    """What the figures were taken on: without it they mean nothing."""
    cpu = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    return {"cpu": cpu, "cores": os.cpu_count(), "memory_gib": memory}


def table(titles: list[str], rows: list[list[object]]) -> str:
    """As it goes into docs/performance.md."""
    lines = ["| " + " | ".join(titles) + " |", "|" + " --- |" * len(titles)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join(lines)


def write(file: Path | None, document: dict) -> None:
    if file:
        file.write_text(json.dumps(document, indent=2) + "\n")


def exit_code(measure: Callable[[], None]) -> int:
    """Of a measurement. What ends it early is told in a line."""
    raise_when_stopped()
    try:
        measure()
    except Stopped:
        say("bench: stopped, no process is left")
        return 130
    except (NetworkFailure, RpcFailure) as failure:
        say(f"bench: error: {failure}")
        return 1
    return 0
