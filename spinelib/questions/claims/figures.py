"""How many claims of each paper held here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spinelib.statistics.claim_verdicts import CLAIM_VERDICTS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GREY = "#777777"
_COLOURS = ("#009E73", "#7FCEB9", "#D55E00", "#EFAE7C", "#56B4E9", "#F0E442", GREY, "#D9D9D9")
VERDICT_COLOURS = dict(zip(CLAIM_VERDICTS, _COLOURS, strict=True))
# A verdict is told by its lines as well as by its colour.
_LINES = ("////", "//", r"\\\\\\\\", r"\\\\", "++", "--", "", "")
HATCHES = dict(zip(CLAIM_VERDICTS, _LINES, strict=True))


def verdict_bars(counts: pd.DataFrame) -> Figure:
    """Claims by paper, a bar each, split by verdict. counts: papers by verdicts, as of `claims.tally`."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(6.4, 1.1 + 0.42 * len(counts)))
    start = np.zeros(len(counts))
    for verdict in counts:
        widths = counts[verdict].to_numpy(float)
        look: dict[str, Any] = {
            "color": VERDICT_COLOURS.get(str(verdict), GREY),
            "hatch": HATCHES.get(str(verdict)),
            "ec": "white",
        }
        bars = ax.barh(range(len(counts)), widths, left=start, label=verdict, lw=0, **look)
        ax.bar_label(bars, [f"{w:.0f}" if w else "" for w in widths], label_type="center", fontsize=8)
        start += widths
    names = [re.split(r"(?<= \d{4})", str(paper))[0] for paper in counts.index]
    ax.set_yticks(range(len(counts)), names, fontsize=8.5)
    ax.invert_yaxis()
    ax.set_xlabel("lines of the ledger")
    figure.legend(loc="outside upper center", ncols=3, fontsize=8)
    return figure
