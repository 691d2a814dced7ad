"""What can be asked of a local network. No package is needed to read it."""

from dataclasses import dataclass, field
from pathlib import Path

from processes import Keyed


@dataclass
class Settings:
    """`seconds` is the length of the measured window; without one it runs until stopped.
    `delay_ms` is how long a packet takes from one node to another; 0 is the plain loopback."""

    seconds: int | None = None
    settle: int = 5
    measure_at: str = "Alice"
    min_fill: float = 98.0
    max_p50_ms: int | None = None
    max_p90_ms: int = 3000
    keep: bool = False
    delay_ms: int = 0
    # The chain's name or the file of its specification, and what single nodes are told.
    chain: str = "local"
    own_arguments: dict[str, list[str]] = field(default_factory=dict)
    # Witnesses of that chain beside those of the local network.
    more_witnesses: list[Keyed] = field(default_factory=list)
    node_arguments: list[str] = field(default_factory=list)


def can_write(file: Path | None) -> bool:
    """Whether figures can be written there, as far as one knows before there are any."""
    return file is None or file.resolve().parent.is_dir()
