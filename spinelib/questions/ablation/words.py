"""The verdict of one comparison, and of all parts of a method, in plain words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from spinelib.plots.style import label
from spinelib.plots.words import listed
from spinelib.statistics import comparison

PAYS, HURTS, OPEN = "pays", "hurts", "cannot tell"


def sentence(row: dict[str, Any]) -> str:
    """A row's verdict in plain words, from its interval; beside it the paper's own number, marked not comparable."""
    digits = 3 if row["unit"] == "1" else 2
    size, ends = f"{abs(row['mean']):.{digits}f}", f"[{row['low']:.{digits}f}, {row['high']:.{digits}f}]"
    unit = {"1": "", "%": " points"}.get(row["unit"], f" {row['unit']}")
    where = f"{label(row['view'])} films: " if row["view"] not in ("", comparison.ALL) else ""
    where = "all views: " if row["view"] == comparison.ALL else where
    way = "higher" if row["mean"] > 0 else "lower"
    counts = f"{row['n']} patients, {row['seeds']} seed{'s' if row['seeds'] != 1 else ''}"
    effect = f"with it {label(row['metric'])} is {size}{unit} {way} {ends} ({counts})"
    lead = {PAYS: f"{row['part']} pays", HURTS: f"{row['part']} hurts", OPEN: f"cannot tell whether {row['part']} pays"}
    text = f"{where}{lead[row['verdict']]}: {effect}."
    text = text[0].upper() + text[1:]
    if row["verdict"] != OPEN and np.isfinite(row["p_holm"]) and row["p_holm"] > 0.05:
        text += f" It does not survive Holm over the comparisons named (p = {row['p_holm']:.3f})."
    if np.isfinite(row["published"]):
        text += f" The paper prints {row['published']:+.{digits + 1}f}{unit}, on other data: not comparable."
    return text


def parts_by_verdict(table: pd.DataFrame) -> list[str]:
    """Which parts pay, hurt, or cannot be told, a sentence per method and score; `table` as of `ablation.effects`."""
    said = []
    for key, rows in table.groupby(["dataset", "method", "metric"], sort=False):
        data, method, metric = map(str, key)
        groups = {word: listed(list(dict.fromkeys(own["part"]))) for word, own in rows.groupby("verdict", sort=True)}
        words = "; ".join(f"{word!s}: {names}" for word, names in groups.items())
        said.append(f"{label(method)} on {data}, {label(metric)}: {words}.")
    return said
