"""What damage does to a file: one bit at a time, at places drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path


def flips(path: Path, count: int = 24, seed: int = 0) -> Iterator[int]:
    """Flip one bit of the file, give its number, put the file back as it was; `count` times."""
    whole, draw = path.read_bytes(), random.Random(seed)
    for bit in draw.sample(range(8 * len(whole)), count):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        yield bit
        path.write_bytes(whole)
