"""What a person sees while the network runs: a table that redraws itself, or plain lines."""

import shutil
import sys
import time

from measure import Window
from network import Network

# Without a terminal: one line each so many seconds.
LINE_SECONDS = 10


def milliseconds(value: int | None) -> str:
    return "-" if value is None else f"{value} ms"


def one_line(network: Network, window: Window) -> str:
    figures = window.summary()
    best = max(state.best for state in network.states)
    final = min(state.final for state in network.states)
    return (
        f"best {best}, final everywhere {final}, "
        f"slots filled {figures['blocks']}/{figures['slots']} ({figures['slot_fill_percent']} %), "
        f"finality p50 {milliseconds(figures['finality_p50_ms'])} "
        f"p90 {milliseconds(figures['finality_p90_ms'])}"
    )


def table(network: Network, window: Window, footer: list[str]) -> list[str]:
    figures = window.summary()
    lines = [f"{'node':<9}{'role':<20}{'best':>8}{'final':>8}{'peers':>7}  RPC"]
    lines += [
        f"{state.node.name:<9}{state.roles or 'full node':<20}{state.best:>8}{state.final:>8}"
        f"{state.peers:>7}  {state.node.rpc_url}"
        for state in network.states
    ]
    return [
        *lines,
        "",
        f"slots filled      {figures['blocks']} of {figures['slots']} "
        f"({figures['slot_fill_percent']} %)",
        f"finality latency  p50 {milliseconds(figures['finality_p50_ms'])}, "
        f"p90 {milliseconds(figures['finality_p90_ms'])}, "
        f"max {milliseconds(figures['finality_max_ms'])}  (at {network.measured_at})",
        *network.activity.lines(),
        "",
        *footer,
    ]


class Display:
    """Redraws in place on a terminal; elsewhere prints a line now and then."""

    def __init__(self, footer: list[str]):
        self._footer = footer
        self._drawn = 0
        self._last_line = 0.0
        self._terminal = sys.stdout.isatty()

    def show(self, network: Network, window: Window) -> None:
        if self._terminal:
            # A line that wraps would be two to the terminal and one to us.
            width = shutil.get_terminal_size().columns
            lines = [line[:width] for line in table(network, window, self._footer)]
            up = f"\x1b[{self._drawn}A" if self._drawn else ""
            print(up + "".join(f"\x1b[2K{line}\n" for line in lines), end="", flush=True)
            self._drawn = len(lines)
        elif window.slots and time.monotonic() - self._last_line >= LINE_SECONDS:
            self._last_line = time.monotonic()
            print(one_line(network, window), flush=True)
