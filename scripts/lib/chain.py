"""What of the chain's encoding the scripts must read: header hashes, slots, lists of accounts."""

import hashlib

# Digest items: the variant of a pre-runtime item, then the engine that wrote it.
AURA_PRE_RUNTIME = "0x06" + b"aura".hex()

# The sr25519 accounts of the well-known development keys (`vigil-node key inspect //Alice`).
NAMES = {
    "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d": "Alice",
    "8eaf04151687736326c9fea17e25fc5287613693c912909cb226aa4794f26a48": "Bob",
    "90b5ab205c6974c9ea841be688864633dc9ca8a357843eeacf2314649965fe22": "Charlie",
    "306721211d5404bd9da88e0204360a1a9ab8b87c66c1bc2fcdd37f3c2222cc20": "Dave",
    "e659a7a1628cdd93febc04a4e0646ea20e9f5f0ce097d9a05290d4a9e054df4e": "Eve",
    "1cbd2d43530a44705ad088af313e18f80b53ef16b36177cd4b77b846f2a5f07c": "Ferdie",
}


def unhex(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def compact(value: int) -> bytes:
    """The SCALE compact encoding of an integer below 2^32 (block numbers and lengths are)."""
    if value < 1 << 6:
        return (value << 2).to_bytes(1, "little")
    if value < 1 << 14:
        return (value << 2 | 1).to_bytes(2, "little")
    if value < 1 << 30:
        return (value << 2 | 2).to_bytes(4, "little")
    return b"\x03" + value.to_bytes(4, "little")


def read_compact(data: bytes) -> tuple[int, int]:
    """A compact integer at the start of `data`, and how many bytes it took."""
    mode = data[0] & 3
    if mode == 3:
        size = (data[0] >> 2) + 4
        return int.from_bytes(data[1 : 1 + size], "little"), 1 + size
    size = 1 << mode
    return int.from_bytes(data[:size], "little") >> 2, size


def header_number(header: dict) -> int:
    return int(header["number"], 16)


def header_hash(header: dict) -> str:
    """Nodes announce headers without their hash; computing it saves a call per block."""
    logs = header["digest"]["logs"]
    encoded = b"".join(
        [
            unhex(header["parentHash"]),
            compact(header_number(header)),
            unhex(header["stateRoot"]),
            unhex(header["extrinsicsRoot"]),
            compact(len(logs)),
            *map(unhex, logs),
        ]
    )
    return "0x" + hashlib.blake2b(encoded, digest_size=32).hexdigest()


def header_slot(header: dict) -> int | None:
    """The Aura slot the author claims; none in the genesis block."""
    for log in header["digest"]["logs"]:
        if log.startswith(AURA_PRE_RUNTIME):
            payload = unhex(log)[5:]
            length, offset = read_compact(payload)
            return int.from_bytes(payload[offset : offset + length], "little")
    return None


def account_names(encoded: str) -> list[str]:
    """A SCALE `Vec<AccountId32>` as names, or as hex where the key is not a well-known one."""
    data = unhex(encoded)
    count, offset = read_compact(data)
    if len(data) != offset + 32 * count:
        raise ValueError(f"not a list of accounts: {encoded[:80]}")
    accounts = [data[offset + 32 * i : offset + 32 * (i + 1)].hex() for i in range(count)]
    return [NAMES.get(account, "0x" + account) for account in accounts]
