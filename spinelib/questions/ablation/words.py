"""The verdict of one comparison, and of all parts of a method, in plain words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from spinelib.plots.style import label
from spinelib.plots.words import listed
from spinelib.statistics import comparison
from spinelib.statistics.contrast_verdicts import BETTER, OPEN, VERDICT_WORDS, WORSE

# The verdicts of the contrasts, said of a part.
PART_WORDS = VERDICT_WORDS | {BETTER: "better with it", WORSE: "worse with it"}


def sentence(row: dict[str, Any]) -> str:
    """A row's verdict in plain words; beside it the paper's own number, marked not comparable."""
    digits = 3 if row["unit"] == "1" else 2
    size, ends = f"{abs(row['mean']):.{digits}f}", f"[{row['low']:.{digits}f}, {row['high']:.{digits}f}]"
    unit = {"1": "", "%": " points"}.get(row["unit"], f" {row['unit']}")
    where = f"{label(row['view'])} films: " if row["view"] not in ("", comparison.ALL) else ""
    where = "all views: " if row["view"] == comparison.ALL else where
    way = "higher" if row["mean"] > 0 else "lower"
    counts = f"{row['n']:.0f} patients, {row['seeds']:.0f} training{'s' if row['seeds'] != 1 else ''} a side"
    text = f"{where}with {row['part']} {label(row['metric'])} is {size}{unit} {way} {ends} ({counts}): "
    text = text[0].upper() + text[1:] + PART_WORDS[row["verdict"]]
    if row["verdict"] in (BETTER, WORSE, OPEN):
        text += f" (p after Holm {row['p_holm']:.2g})"
    text += "."
    if np.isfinite(row["published"]):
        text += f" The paper prints {row['published']:+.{digits + 1}f}{unit}, on other data: not comparable."
    return text


def parts_by_verdict(table: pd.DataFrame) -> list[str]:
    """The parts by their verdict, a sentence per method and score; `table` as of `ablation.effects`."""
    said = []
    for key, rows in table.groupby(["dataset", "method", "metric"], sort=False):
        data, method, metric = map(str, key)
        groups = {str(word): listed(list(dict.fromkeys(own["part"]))) for word, own in rows.groupby("verdict")}
        words = "; ".join(f"{PART_WORDS[word]}: {names}" for word, names in groups.items())
        said.append(f"{label(method)} on {data}, {label(metric)}: {words}.")
    return said
