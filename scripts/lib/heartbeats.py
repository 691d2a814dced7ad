"""Who is awake, as the chain tells: the answers of the runtime API `HeartbeatApi`."""

import itertools
from dataclasses import dataclass, field

from chain import read_compact, unhex
from rpc import Rpc

# Bits that fit into a line of the table.
SHOWN_BITS = 64
# Bytes of a bucket's bitmap.
BITMAP = 128


@dataclass
class Period:
    """A period that accepts heartbeats."""

    number: int
    first_slot: int
    end_slot: int
    recorded: int
    stake: int


@dataclass
class Status:
    stakers: int
    stake: int
    buckets: int
    periods: list[Period]


class Reader:
    """Takes fixed-size little-endian values off the front of an answer."""

    def __init__(self, data: bytes):
        self._data = data

    def take(self, size: int) -> bytes:
        taken, self._data = self._data[:size], self._data[size:]
        if len(taken) != size:
            raise ValueError("the runtime's answer is shorter than it should be")
        return taken

    def u(self, bits: int) -> int:
        return int.from_bytes(self.take(bits // 8), "little")

    def compact(self) -> int:
        value, size = read_compact(self._data)
        self.take(size)
        return value


def read_status(encoded: str) -> Status | None:
    """An `Option<Status>`; none before block 1."""
    reader = Reader(unhex(encoded))
    if not reader.u(8):
        return None
    reader.take(8 + 8)  # slot, epoch
    stakers, stake, buckets = reader.u(32), reader.u(64), reader.u(32)
    periods = [_read_period(reader) for _ in range(reader.compact())]
    return Status(stakers, stake, buckets, periods)


def _read_period(reader: Reader) -> Period:
    number = reader.u(64)
    reader.take(8 + 4)  # epoch, number of the checkpoint
    if reader.u(8):
        reader.take(32)  # hash of the checkpoint
    recorded, stake = reader.u(32), reader.u(64)
    reader.take(4)  # aggregates
    first_slot, end_slot = reader.u(64), reader.u(64)
    reader.take(8)  # the last quarter
    return Period(number, first_slot, end_slot, recorded, stake)


def read_bits(encoded: str, stakers: int) -> str:
    """A `Vec<Bitmap>` as a row of full and empty places, the first few of them."""
    reader = Reader(unhex(encoded))
    data = b"".join(reader.take(BITMAP) for _ in range(reader.compact()))
    shown = min(stakers, SHOWN_BITS, 8 * len(data))
    row = "".join("█" if data[i // 8] >> i % 8 & 1 else "·" for i in range(shown))
    return row + ("…" if stakers > shown else "")


@dataclass
class Activity:
    """What was seen of the heartbeats: ask for it as often as you like."""

    status: Status | None = None
    row: str = ""
    # By number of the period: the period as it was seen last.
    seen: dict[int, Period] = field(default_factory=dict)

    async def refresh(self, link: Rpc) -> None:
        self.status = read_status(await link.call("state_call", "HeartbeatApi_status", "0x"))
        if self.status is None or not self.status.periods:
            return
        for period in self.status.periods:
            self.seen[period.number] = period
        newest = self.status.periods[-1]
        wanted = newest.number.to_bytes(8, "little") + bytes(4) + (1).to_bytes(4, "little")
        answer = await link.call("state_call", "HeartbeatApi_recorded", "0x" + wanted.hex())
        self.row = read_bits(answer, self.status.stakers)

    def lines(self) -> list[str]:
        """Two lines: the running period filling, and how much stake saw the last checkpoint."""
        status = self.status
        filling, attested = "heartbeats        -", "attested          -"
        if status is not None and status.periods:
            newest, oldest = status.periods[-1], status.periods[0]
            filling = (
                f"heartbeats        period {newest.number}: {newest.recorded} of {status.stakers} "
                f"recorded  {self.row}"
            )
            if oldest is not newest and status.stake:
                share = 100 * oldest.stake / status.stake
                attested = (
                    f"attested          {share:.1f} % of the stake saw the checkpoint of period "
                    f"{oldest.number} final"
                )
        return [filling, attested]

    def between(self, first_slot: int, last_slot: int) -> list[Period]:
        """The periods that began and ended between these slots."""
        ordered = [self.seen[number] for number in sorted(self.seen)]
        return [
            period
            for period, after in itertools.pairwise(ordered)
            if period.first_slot >= first_slot and after.first_slot - 1 <= last_slot
        ]
