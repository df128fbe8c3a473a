"""The numbers of the MDWC-Net paper beside ours, and what they imply of each other (`protocol.paper_metrics`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from spinelib.literature import numbers
from spinelib.protocol.published_metrics import AVERAGINGS, PAPER_METRICS

NEEDED = ["dice", "pixel_accuracy", "miou"]  # of the check: the first two imply the third
# Plain U-Nets reach more on films of Montgomery and Shenzhen.
LUNG_FLOOR = 0.95
# Inputs printed with four digits move the implied MIoU by less than half of this.
TOLERANCE = 0.001


def miou_from(dice: float, accuracy: float) -> float:
    """The mean IoU (0..1) of the one pooled binary confusion matrix with this Dice and this pixel accuracy.

    With errors e = 1 - accuracy as shares of all pixels, TP = dice e / (2 (1 - dice)) and TN = accuracy - TP. Raises
    ValueError when no confusion matrix has both values.
    """
    if not (0 <= dice <= 1 and 0 <= accuracy <= 1):
        raise ValueError(f"Dice {dice} and accuracy {accuracy} must lie in 0..1")
    errors = 1 - accuracy
    if dice == 1 and errors == 0:
        return 1.0
    hit = dice * errors / (2 * (1 - dice)) if dice < 1 else np.inf
    if hit > accuracy or errors == 0:
        raise ValueError(f"no binary confusion matrix has Dice {dice} and accuracy {accuracy}")
    background = (accuracy - hit) / (accuracy - hit + errors)
    return float((hit / (hit + errors) + background) / 2)


def miou_check(table: pd.DataFrame | None = None, by: Sequence[str] = ("system", "variant", "dataset")) -> pd.DataFrame:
    """Whether each MIoU follows from the Dice and the pixel accuracy beside it, if all three pool pixels.

    table: columns `by`, metric and value, all published numbers unless given. One line per group that has all three:
    the metrics, `implied` (see `miou_from`; NaN when no confusion matrix has both), difference, verdict.
    """
    rows = numbers.read_numbers() if table is None else table
    rows = rows[rows["metric"].isin(NEEDED)]
    rows = rows[rows.groupby(list(by))["metric"].transform("nunique") == len(NEEDED)]
    wide = rows.pivot(index=list(by), columns="metric", values="value").reindex(columns=NEEDED).reset_index()
    implied = [_implied(*pair) for pair in zip(wide["dice"], wide["pixel_accuracy"], strict=True)]
    wide = wide.assign(implied=implied, difference=wide["miou"] - implied)
    follows = wide["difference"].abs() <= TOLERANCE
    return wide.assign(verdict=np.where(follows, "follows", "does not follow")).rename_axis(columns=None)


def _implied(dice: float, accuracy: float) -> float:
    try:
        return miou_from(dice, accuracy)
    except ValueError:
        return float("nan")


def beside_paper(means: pd.DataFrame) -> pd.DataFrame:
    """Our means beside the published ones, both ways of averaging in one line.

    means: as for `numbers.beside_published`, with columns data, recipe and width. Columns of the entry, the metric by
    its name in the paper, ours per image and pooled, what was published on which data, and whether the two can be
    compared.
    """
    titles = {metric: title for title, metric in PAPER_METRICS.items()}
    pairs = numbers.beside_published(means).fillna({"spread": 0})
    entry = ["data", "method", "variant", "recipe", "width", "metric"]
    theirs = ["published", "spread", "paper_dataset", "status", "comparable"]
    wide = pairs.set_index([*entry, *theirs, "averaging"])["mean"].unstack("averaging", sort=False).reset_index()
    wide = wide.assign(metric=wide["metric"].map(titles)).replace({"spread": {0.0: np.nan}})
    kept = [name for name in AVERAGINGS if name in wide]
    return wide[[*entry, *kept, *theirs]].rename(columns=AVERAGINGS).rename_axis(columns=None)


def lung_warnings(means: pd.DataFrame) -> list[str]:
    """A warning for every data set on which a mean lung Dice per film is below LUNG_FLOOR, naming the entries.

    means: from `protocol.metric_means`, with columns data, structure, method, variant and recipe.
    """
    dice = means[(means["structure"] == "lung") & (means["metric"] == "dice") & (means["averaging"] == "per_image")]
    known = (
        numbers.read_numbers()
        .query("system == 'mdwcnet' and structure == 'lung' and metric == 'dice'")["value"]
        .iloc[0]
    )
    found = []
    for data, rows in dice[dice["mean"] < LUNG_FLOOR].groupby("data", sort=False):
        entries = [f"{r.method}/{r.variant} {r.mean:.3f} ({r.recipe} recipe)" for r in rows.itertuples()]
        found.append(
            f"{data}, lung Dice: {', '.join(entries)}. Below {LUNG_FLOOR} on these chest films is a bug or an "
            f"under-trained network, not a replication of {known}."
        )
    return found
