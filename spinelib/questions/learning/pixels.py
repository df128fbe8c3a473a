"""How little pixel accuracy tells: the four metrics of the MDWC-Net paper against each other, film by film.

Gu, Wang, Chen 2025 rank by global pixel accuracy (GPA), Dice, mean IoU and sensitivity (A). Most of a film is
background, which any answer gets right: an empty mask has a GPA of one less the structure's share. (B) That share p
needs no pixels: with Dice D, sensitivity s and accuracy g of a film, p = (1 - g) D / (2 s (1 - D)), because the
wrong pixels are 2 TP (1 / D - 1) and the structure's TP / s. Two other figures of the same film are tied: Dice fixes
the structure's IoU, and the mean IoU adds the background's, which hardly moves.

Marks: (A) stated in the paper, (B) from published code or earlier work.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from spinelib.protocol.published_metrics import PAPER_METRICS
from spinelib.questions.compare.boards import film_scores, holds_volumes

KEYS = ["name", "run", "case", "patient", "view"]


def film_metrics(cases: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """The paper's metrics of every test film and run side by side: name, run, case, patient, view, then the metrics.

    cases: of `study_cases`. `share` is the structure's share of the film's pixels, NaN where it cannot be told (an
    empty or a perfect answer). Of single vertebrae the first level. Empty for volumes, whose background is another
    matter, and where no structure has all of the metrics.
    """
    structure = "" if holds_volumes(cases, dataset) else _measured(cases[cases["dataset"] == dataset])
    if not structure:
        return pd.DataFrame(columns=[*KEYS, *PAPER_METRICS.values(), "share"])
    parts = [film_scores(cases, dataset, structure, metric, "1") for metric in PAPER_METRICS.values()]
    rows = pd.concat(parts).query("condition == 'none'")
    wide = rows.pivot_table("value", KEYS, "metric", sort=False).reset_index().rename_axis(columns=None)
    d, s, g = (wide[name] for name in ("dice", "sensitivity", "pixel_accuracy"))
    bottom = (2 * s * (1 - d)).where((s > 0) & (d < 1))
    return wide.assign(share=(1 - g) * d / bottom)


def _measured(rows: pd.DataFrame) -> str:
    """The first structure of some rows of which all of the metrics are known; empty where there is none."""
    found = rows.groupby("structure", sort=False)["metric"].agg(set)
    return next((str(name) for name, metrics in found.items() if set(PAPER_METRICS.values()) <= metrics), "")


def sensitivity_table(table: pd.DataFrame) -> pd.DataFrame:
    """How far each metric tells methods apart, one row per metric of `film_metrics`.

    "an empty mask": its mean, from the films' shares; "worst entry", "best entry": of the means over films; "gap";
    "gap over sd": gap over the standard deviation over films, mean of the entries; "order as by Dice": Spearman's
    rank correlation of the entries' means with those by Dice.
    """
    means = table.groupby("name")[list(PAPER_METRICS.values())].mean()
    noise = table.groupby("name")[list(PAPER_METRICS.values())].std().mean()
    share = float(table.groupby("case")["share"].median().mean())
    empty = {"pixel_accuracy": 1 - share, "dice": 0.0, "miou": (1 - share) / 2, "sensitivity": 0.0}
    lines = {}
    for title, metric in PAPER_METRICS.items():
        gap = means[metric].max() - means[metric].min()
        lines[title] = {
            "an empty mask": empty[metric],
            "worst entry": means[metric].min(),
            "best entry": means[metric].max(),
            "gap": gap,
            "gap over sd": gap / noise[metric] if noise[metric] else np.nan,
            "order as by Dice": _order(means[metric], means["dice"]),
        }
    return pd.DataFrame(lines).T.rename_axis(index="metric")


def _order(values: pd.Series, dice: pd.Series) -> float:
    """Spearman's rank correlation, NaN for fewer than three entries."""
    return float(values.corr(dice, method="spearman")) if len(values) > 2 else float("nan")
