"""Letters that say a side of the patient stand on that side: films show the patient's left at their right."""

from __future__ import annotations

# Of words that say a side: the one of the other side.
_LEFT = ("L", "L 12", "L S")
OTHER_SIDE = {word: word.replace("L", "R") for word in _LEFT} | {word.replace("L", "R"): word for word in _LEFT}


def at_its_side(word: str, across: float) -> str:
    """The word that may stand at `across` (share of the width, from the left) of a film: one of that place's side."""
    wrong = word in OTHER_SIDE and word.startswith("L") != (across > 0.5)
    return OTHER_SIDE[word] if wrong else word
