"""The local network as a whole: its nodes' connections, its state, and what counts as healthy."""

import asyncio
import time
from dataclasses import dataclass, field

from chain import NAMES, account_names, header_number, unhex
from heartbeats import Activity, Period
from measure import HISTORY, Meter, Window
from processes import NetworkFailure, Node, Processes
from rpc import Rpc
from settings import Settings

PRODUCERS = ["Alice", "Bob", "Charlie", "Dave"]
WITNESSES = ["Charlie", "Dave", "Eve", "Ferdie"]
# The slower of: six nodes opening their databases on two cores, and their first final block. And
# for each node beyond the six.
START_SECONDS, START_SECONDS_EACH = 120.0, 5.0
# The table's figures are over the last minute.
RECENT_SLOTS = 120
# How far a node's finalised block may be behind the foremost one's at the end, in blocks.
LARGEST_LAG = 20


@dataclass
class NodeState:
    node: Node
    roles: str = ""
    best: int = 0
    final: int = 0
    peers: int = 0


@dataclass
class Network:
    """Open connections to every node, and a meter that listens to one of them."""

    processes: Processes
    measured_at: str = "Alice"
    history: int = HISTORY
    slot_ms: int = 0
    genesis: str = ""
    producers: list[str] = field(default_factory=list)
    witnesses: list[str] = field(default_factory=list)
    activity: Activity = field(default_factory=Activity)
    # The slots of the measured window.
    slots: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        self.meter = Meter(history=self.history)
        self.states = [NodeState(node) for node in self.processes.nodes]
        self._links: dict[str, Rpc] = {}
        others = self.processes.others.values()
        NAMES.update({other.account: other.name for other in others})
        self.expected = [
            ("producers", PRODUCERS),
            ("witnesses", [*WITNESSES, *(other.name for other in others)]),
        ]
        self._start_seconds = START_SECONDS + START_SECONDS_EACH * len(others)

    async def open(self, report=lambda line: None) -> None:
        """Returns when every node has a final block: from there on the network is measured."""
        deadline = time.monotonic() + self._start_seconds
        for state in self.states:
            link = Rpc(state.node.rpc_url)
            self._links[state.node.name] = link
            await self._watching(link.open(self._start_seconds))
        listener = self._links[self.measured_at]
        await listener.subscribe("chain_subscribeAllHeads", self.meter.on_head)
        await listener.subscribe("chain_subscribeFinalizedHeads", self.meter.on_final)
        self.genesis = await listener.call("chain_getBlockHash", 0)
        duration = await listener.call("state_call", "AuraApi_slot_duration", "0x")
        self.slot_ms = int.from_bytes(unhex(duration), "little")
        while True:
            await self.refresh()
            waiting = [state.node.name for state in self.states if state.final == 0]
            if not waiting:
                return
            if time.monotonic() > deadline:
                raise NetworkFailure(
                    f"no final block after {self._start_seconds:.0f} s at {', '.join(waiting)}; "
                    f"the logs in {self.processes.directory} say why"
                )
            report(f"waiting for the first final block at {', '.join(waiting)}")
            await asyncio.sleep(1)

    async def close(self) -> None:
        await asyncio.gather(*(link.close() for link in self._links.values()))

    async def refresh(self) -> None:
        """Asks every node how it is, and one of them who the producers and witnesses are."""
        self.processes.check()
        await asyncio.gather(*(self._refresh_node(state) for state in self.states))
        link = self._links[self.measured_at]
        self.producers = account_names(await link.call("state_call", "RolesApi_producers", "0x"))
        self.witnesses = account_names(await link.call("state_call", "RolesApi_witnesses", "0x"))
        await self.activity.refresh(link)
        for state in self.states:
            roles = [("producer", self.producers), ("witness", self.witnesses)]
            state.roles = " + ".join(role for role, names in roles if state.node.name in names)

    def current_slot(self) -> int:
        return int(time.time() * 1000) // self.slot_ms

    def recent(self) -> Window:
        """The last minute, without the slot that is still running."""
        last = self.current_slot() - 1
        first = last - RECENT_SLOTS + 1
        # The first block heard of was there before anybody listened.
        begun = min((b.slot for b in self.meter.blocks.values() if b.slot), default=last)
        return self.meter.window(max(first, begun + 1), last)

    async def run_window(self, seconds: int, settle: int, tick) -> Window:
        """Waits for `seconds` worth of slots, then up to `settle` seconds for their finality."""
        first = self.current_slot() + 1
        last = first + seconds * 1000 // self.slot_ms - 1
        self.slots = (first, last)
        while self.current_slot() <= last:
            await self.refresh()
            tick(self.meter.window(first, min(last, self.current_slot() - 1)))
            await asyncio.sleep(min(1.0, max(0.01, (last + 1) * self.slot_ms / 1000 - time.time())))
        deadline = time.monotonic() + settle
        while time.monotonic() < deadline:
            # The last slot's block may still be on its way; a final later one closes the window.
            final = self.meter.final
            if final is not None and final.slot is not None and final.slot >= last:
                break
            await asyncio.sleep(0.1)
        await self.refresh()
        return self.meter.window(first, last)

    def measured_periods(self) -> list[Period]:
        """The periods that began and ended in the measured window."""
        return self.activity.between(*self.slots)

    def blocks_by_producer(self, window: Window) -> dict[str, int]:
        counts = {name: 0 for name in self.producers}
        for block in window.blocks:
            counts[self.producers[block.slot % len(self.producers)]] += 1
        return counts

    async def problems(self, window: Window, settings: Settings) -> list[str]:
        """Everything that is not as it must be, in words; nothing when the network is healthy."""
        found = []
        figures = window.summary()
        if figures["slot_fill_percent"] < settings.min_fill:
            missing = figures["slots"] - figures["blocks"]
            found.append(
                f"only {figures['slot_fill_percent']} % of the slots have a block "
                f"({missing} of {figures['slots']} are empty), "
                f"{settings.min_fill:g} % are asked for"
            )
        unfinal = figures["blocks"] - figures["finalized"]
        if unfinal or not figures["blocks"]:
            found.append(f"{unfinal} of {figures['blocks']} blocks are not final")
        for name, limit in [("p50", settings.max_p50_ms), ("p90", settings.max_p90_ms)]:
            took = figures[f"finality_{name}_ms"]
            if None not in (took, limit) and took > limit:
                found.append(f"finality is slow: {name} is {took} ms, the limit is {limit} ms")
        for role, expected in self.expected:
            names = getattr(self, role)
            if sorted(names) != sorted(expected):
                found.append(f"the {role} are {names}, not {expected}")
        idle = [name for name, count in self.blocks_by_producer(window).items() if count == 0]
        if idle:
            found.append(f"no block by {', '.join(idle)}")
        found += [f"{s.node.name} has no peers" for s in self.states if s.peers == 0]
        stakers = self.activity.status.stakers if self.activity.status else 0
        found += [
            f"only {period.recorded} of {stakers} heartbeats of period {period.number} are recorded"
            for period in self.measured_periods()
            if period.recorded < stakers
        ]
        return found + await self._disagreements()

    async def _disagreements(self) -> list[str]:
        """Compares the finalised chains at the highest block that all nodes call final."""
        foremost = max(state.final for state in self.states)
        height = min(state.final for state in self.states)
        found = [
            f"{state.node.name} is {foremost - state.final} final blocks behind"
            for state in self.states
            if foremost - state.final > LARGEST_LAG
        ]
        hashes = {
            state.node.name: await self._links[state.node.name].call("chain_getBlockHash", height)
            for state in self.states
        }
        if len(set(hashes.values())) > 1:
            views = ", ".join(f"{name} {digest[:10]}" for name, digest in hashes.items())
            found.append(f"the nodes disagree on final block {height}: {views}")
        return found

    async def _refresh_node(self, state: NodeState) -> None:
        link = self._links[state.node.name]
        health, best, final = await asyncio.gather(
            link.call("system_health"),
            link.call("chain_getHeader"),
            link.call("chain_getFinalizedHead"),
        )
        state.peers = health["peers"]
        state.best = header_number(best)
        state.final = header_number(await link.call("chain_getHeader", final))

    async def _watching(self, opening) -> None:
        """Waits for a connection, but not for a node that is already dead."""
        task = asyncio.ensure_future(opening)
        while not task.done():
            self.processes.check()
            await asyncio.wait([task], timeout=0.2)
        await task
