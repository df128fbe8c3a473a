"""Level names of a chain of vertebrae, by counting from its landmarks.

(A) The walk ends at C2 above and at the sacrum (S1) below, and records them as landmarks. (B) The published program
saves those landmarks; that names follow by counting is implied. (C) Ours: 12 thoracic and 5 lumbar vertebrae are
assumed (a few in a hundred people have one more or less, which no lateral film of a part of the spine can show); where
both ends were found but the count between them does not fit, each half is named from its own end and `consistent` is
False.

Marks: (A) stated in the paper, (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

from dataclasses import dataclass

from spinelib.spinefm.instances import LOWER, ORDER, UPPER

UNNAMED = ""


@dataclass(frozen=True)
class Names:
    """One name per vertebra of a chain from above ("" where no landmark was found), and whether both ends agree."""

    levels: tuple[str, ...]
    consistent: bool = True


def name_chain(count: int, upper: bool, lower: bool) -> Names:
    """Names of a chain of `count` vertebrae from above.

    `upper`: the first was recognised as C2; `lower`: the last as S1. A chain longer than the spine has "" beyond it.
    Raises ValueError for a negative count.
    """
    if count < 0:
        raise ValueError(f"count is {count}: a chain has no negative length")
    down = tuple(_name(ORDER.index(UPPER) + k) for k in range(count))
    up = tuple(_name(ORDER.index(LOWER) - (count - 1 - k)) for k in range(count))
    if upper and lower:
        half = (count + 1) // 2
        return Names(down, True) if down == up else Names(down[:half] + up[half:], False)
    return Names(down if upper else up if lower else (UNNAMED,) * count)


def shift(predicted: str, reference: str) -> int | None:
    """By how many levels `predicted` lies below `reference`; None where either is no level."""
    if predicted not in ORDER or reference not in ORDER:
        return None
    return ORDER.index(predicted) - ORDER.index(reference)


def _name(position: int) -> str:
    # C1 has no body of its own on a film, so a chain never reaches it.
    return ORDER[position] if ORDER.index(UPPER) <= position < len(ORDER) else UNNAMED
