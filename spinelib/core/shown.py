"""Names that are not ours (files, cases, patients, structures), as they are shown to a reader."""

from __future__ import annotations

import unicodedata

GAP = "\N{HORIZONTAL ELLIPSIS}"


def short(name: str, letters: int) -> str:
    """`name` on one line in at most so many letters: a longer one loses its middle, its two ends tell films apart.

    Control characters, and bytes of a file's name that are no UTF-8, become the replacement character.
    """
    plain = "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in ("Cc", "Cs") else c for c in name)
    if len(plain) <= letters:
        return plain
    # More of the end, where numbers and sides stand
    head = (letters - 1) * 2 // 5
    return f"{plain[:head]}{GAP}{plain[len(plain) - (letters - 1 - head) :]}"
