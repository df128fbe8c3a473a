"""How many claims were tested here and what came of it, as a sentence."""

from __future__ import annotations

import pandas as pd


def tested_lines(table: pd.DataFrame) -> str:
    """How the claims were judged; column verdict, one line per claim and data set."""
    counts = table["verdict"].value_counts()
    tested = int(counts.sum() - counts.get("not testable here", 0))
    words = [f"{verdict} {count}" for verdict, count in counts.items() if verdict != "not testable here"]
    return f"{tested} of {int(counts.sum())} lines of the ledger were tested here: {', '.join(words) or 'none'}."
