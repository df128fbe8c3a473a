"""What people call the spine and its vertebrae in their labels."""

from __future__ import annotations

import re
import unicodedata

# (C, our choice) Transitional anatomy has a T13 and an L6; "D" for dorsal is left out, it may mean a disc.
HIGHEST = {"C": 7, "T": 13, "L": 6, "S": 5}
LEVEL = re.compile(
    r"(?:(?:level|vertebra|vert|vb)[ _.-]*)?(c|th?|l|s)[ _.-]?0?([1-9]\d?)"
    r"(?:[ _.-]*(?:vertebra|vertebral body|body|vb))?",
    re.IGNORECASE,
)
# One vertebra that nobody numbered, or only counted. The Chinese and Japanese words say vertebral body and vertebra.
VERTEBRA = re.compile(
    r"(?:(?:cervical|thoracic|lumbar)[ _.-]*)?"
    r"(?:vertebra[es]?|vertebral[ _.-]*bod(?:y|ies)|vert|vb|v|椎体|椎骨|脊椎)[ _.-]*\d{0,2}",
    re.IGNORECASE,
)
# The spine or a part of it as one outline; 脊柱 is the Chinese and Japanese word.
COLUMN = re.compile(
    r"(?:(?:whole|full|cervical|thoracic|lumbar|thoracolumbar)[ _.-]*)?"
    r"(?:spine|spinal[ _.-]*column|vertebral[ _.-]*column|backbone|脊柱)[ _.-]*\d{0,2}",
    re.IGNORECASE,
)


def level_of(name: str) -> str | None:
    """The vertebra that a name means (C1..C7, T1..T13, L1..L6, S1..S5), None for any other: `Th-1` is T1."""
    found = LEVEL.fullmatch(_plain(name))
    if not found:
        return None
    letter, number = found[1][0].upper(), int(found[2])
    return f"{letter}{number}" if number <= HIGHEST[letter] else None


def is_vertebra(name: str) -> bool:
    """Whether a name means one vertebra without saying which: vertebra, vertebra_3, vertebral body, vb, v."""
    return bool(VERTEBRA.fullmatch(_plain(name)))


def is_spine(name: str) -> bool:
    """Whether a name means the spine or a vertebra."""
    return level_of(name) is not None or is_vertebra(name) or bool(COLUMN.fullmatch(_plain(name)))


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).split())
