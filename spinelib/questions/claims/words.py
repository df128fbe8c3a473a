"""How many claims were tested here and what came of it, as a sentence."""

from __future__ import annotations

import pandas as pd

from spinelib.literature.counting import ACCURACY, COST, UNTESTED, counted_lines


def tested_lines(table: pd.DataFrame) -> str:
    """How the claims were judged, those of costs apart; table: of `judge`, counted as `counted_lines` has it."""
    lines = counted_lines(table)
    words = [_counted(lines[lines["about"] == about]["verdict"], about) for about in (ACCURACY, COST)]
    return " ".join(text for text in words if text)


def _counted(verdicts: pd.Series, about: str) -> str:
    if verdicts.empty:
        return ""
    counts = verdicts[verdicts != UNTESTED].value_counts()
    words = ", ".join(f"{verdict} {count}" for verdict, count in counts.items())
    return f"{counts.sum()} of {len(verdicts)} lines on {about} were tested here: {words or 'none'}."
