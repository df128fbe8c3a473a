"""Which entries are worth their price, as a sentence."""

from __future__ import annotations

import pandas as pd

from spinelib.plots.style import label
from spinelib.plots.words import listed


def unbeaten(front: pd.DataFrame, data: str, price: str) -> str:
    """Whom nobody beats at the price, cheapest first; `front` as of `cost.frontier`."""
    best = front[front["front"]]
    names = [f"{label(str(name))} ({score:.3f})" for name, score in zip(best["name"], best["score"], strict=True)]
    return f"{data}, by {price}: nobody is cheaper and better than {listed(names)}."
