"""Slots, blocks and finality latency as one node sees them; no I/O, times are handed in."""

import statistics
from dataclasses import dataclass, field

from chain import header_hash, header_number, header_slot

# Blocks kept unless asked otherwise: twenty minutes at 500 ms. A window must fit.
HISTORY = 2400


@dataclass
class Block:
    hash: str
    number: int
    parent: str
    slot: int | None
    seen_at: float
    final_at: float | None = None

    @property
    def latency_ms(self) -> float | None:
        """From the block's appearance at this node to the moment the node reports it final."""
        if self.final_at is None:
            return None
        return max(0.0, (self.final_at - self.seen_at) * 1000)


def percentile(values: list[float], share: float) -> int | None:
    """Nearest rank, in whole units; none of nothing."""
    if not values:
        return None
    ranked = sorted(values)
    rank = max(1, -(-len(ranked) * share // 100))
    return round(ranked[int(rank) - 1])


@dataclass
class Window:
    """The canonical blocks of the slots `first` to `last`, both included."""

    slots: int
    blocks: list[Block]

    @property
    def finalized(self) -> list[Block]:
        return [block for block in self.blocks if block.final_at is not None]

    @property
    def fill_percent(self) -> float:
        return round(100 * len(self.blocks) / self.slots, 2) if self.slots else 0.0

    def summary(self) -> dict:
        latencies = [block.latency_ms for block in self.finalized]
        return {
            "slots": self.slots,
            "blocks": len(self.blocks),
            "finalized": len(self.finalized),
            "slot_fill_percent": self.fill_percent,
            "finality_p50_ms": percentile(latencies, 50),
            "finality_p90_ms": percentile(latencies, 90),
            "finality_max_ms": percentile(latencies, 100),
            "finality_mean_ms": round(statistics.fmean(latencies)) if latencies else None,
        }


@dataclass
class Meter:
    """Feed it every head and every finalised head of one node, then ask for windows."""

    history: int = HISTORY
    blocks: dict[str, Block] = field(default_factory=dict)
    best: Block | None = None
    final: Block | None = None

    def on_head(self, header: dict, at: float) -> None:
        self._remember(header, at)

    def on_final(self, header: dict, at: float) -> None:
        """A finalised block makes its ancestors final at the same moment."""
        block = self._remember(header, at)
        self.final = block
        while block is not None and block.final_at is None:
            block.final_at = at
            block = self.blocks.get(block.parent)

    def window(self, first: int, last: int) -> Window:
        """Counts along the final chain where it covers the slots, else along the best one."""
        blocks = []
        final = self.final
        covered = final is not None and final.slot is not None and final.slot >= last
        block = final if covered else self.best
        while block is not None and block.slot is not None and block.slot >= first:
            if block.slot <= last:
                blocks.append(block)
            block = self.blocks.get(block.parent)
        return Window(max(0, last - first + 1), blocks[::-1])

    def _remember(self, header: dict, at: float) -> Block:
        digest = header_hash(header)
        known = self.blocks.get(digest)
        if known is not None:
            return known
        block = Block(digest, header_number(header), header["parentHash"], header_slot(header), at)
        self.blocks[digest] = block
        if self.best is None or block.number > self.best.number:
            self.best = block
        while len(self.blocks) > self.history:
            del self.blocks[next(iter(self.blocks))]
        return block
