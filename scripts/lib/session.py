"""The life of one local network, from its first process to its summary."""

import asyncio
import contextlib
import signal
import sys
from pathlib import Path

import costs
from display import Display
from distance import DistantProcesses, RoundTrips
from measure import HISTORY
from network import Network
from processes import NetworkFailure, Processes, Stopped
from rpc import RpcFailure
from settings import Settings

APPS = "https://polkadot.js.org/apps/?rpc="
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def raise_when_stopped() -> None:
    """From now on a signal to stop is the exception `Stopped`."""

    def stop(number, frame):
        raise Stopped

    for number in STOP_SIGNALS:
        signal.signal(number, stop)


def run_network(binary: Path, settings: Settings) -> dict | None:
    """Starts the nodes, watches or measures them, and stops them whatever happens."""
    raise_when_stopped()
    processes = _processes(binary, settings)
    processes.chain = settings.chain
    processes.own_arguments = settings.own_arguments
    with processes:
        processes.keep = settings.keep
        summary = asyncio.run(_until_stopped(_session(processes, settings)))
        processes.keep = processes.keep or bool(summary["problems"])
        return summary


def _processes(binary: Path, settings: Settings) -> Processes:
    common = (binary, settings.node_arguments, settings.more_witnesses)
    if settings.delay_ms:
        return DistantProcesses(*common, settings.delay_ms)
    return Processes(*common)


async def _until_stopped(work) -> dict:
    """A signal cancels the work, so that it ends in order; the processes are stopped after."""
    task = asyncio.ensure_future(work)
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        raise Stopped from None


async def _session(processes: Processes, settings: Settings) -> dict:
    if settings.measure_at not in [node.name for node in processes.nodes]:
        raise NetworkFailure(f"--measure-at {settings.measure_at}: there is no such node")
    for moved in processes.moved_ports:
        say(f"port occupied, using another: {moved}")
    apps = APPS + processes.nodes[0].rpc_url
    say(f"{len(processes.nodes)} nodes started, logs in {processes.directory}")
    say(f"polkadot-js apps: {apps}")
    # Twice the blocks a window can hold.
    history = max(HISTORY, 8 * (settings.seconds or 0))
    network = Network(processes, measured_at=settings.measure_at, history=history)
    try:
        await network.open(say)
        if settings.seconds is None:
            await _watch(network, [f"open {apps}", "Ctrl-C stops the network"])
        return await _measure(network, settings)
    except RpcFailure:
        # A dead node explains itself better than the connection it took along.
        await asyncio.sleep(0.5)
        processes.check()
        raise
    finally:
        with contextlib.suppress(RpcFailure, OSError):
            await network.close()


async def _watch(network: Network, footer: list[str]) -> None:
    display = Display(footer)
    while True:
        await network.refresh()
        display.show(network, network.recent())
        await asyncio.sleep(1)


async def _costs(network: Network) -> dict[str, costs.Reading | None]:
    """Of every node, outside of its window: a node that answers is a node at work."""
    nodes = network.processes.nodes
    readings = await asyncio.gather(*(asyncio.to_thread(costs.read, node) for node in nodes))
    return {node.name: reading for node, reading in zip(nodes, readings, strict=True)}


async def _measure(network: Network, settings: Settings) -> dict:
    display = Display([f"measuring for {settings.seconds} s"])
    before = await _costs(network)
    async with RoundTrips(network.processes.namespaces) as round_trips:
        window = await network.run_window(
            settings.seconds, settings.settle, lambda window: display.show(network, window)
        )
    after = await _costs(network)
    problems = await network.problems(window, settings)
    states = network.states
    periods = network.measured_periods()
    return {
        "nodes": [state.node.name for state in states],
        "producers": network.producers,
        "witnesses": network.witnesses,
        **window.summary(),
        **round_trips.summary(),
        "stakers": network.activity.status.stakers if network.activity.status else 0,
        "heartbeats_recorded": sum(period.recorded for period in periods),
        "heartbeats_by_period": {period.number: period.recorded for period in periods},
        "seconds": settings.seconds,
        "slot_duration_ms": network.slot_ms,
        "genesis": network.genesis,
        "measured_at": network.measured_at,
        "blocks_by_producer": network.blocks_by_producer(window),
        "best_number": {state.node.name: state.best for state in states},
        "finalized_number": {state.node.name: state.final for state in states},
        "peers": {state.node.name: state.peers for state in states},
        "costs": {name: costs.between(before[name], after[name]) for name in before},
        "node_arguments": settings.node_arguments,
        "healthy": not problems,
        "problems": problems,
    }
