"""The four metrics of the MDWC-Net paper, both ways of averaging them, and what its numbers imply.

Gu, Wang, Chen 2025, Front. Physiol. 16:1651296, section 3.2.2. Stated: GPA is the share of pixels classified
correctly, MIoU the mean IoU over the classes (here structure and background), Dice and sensitivity are those of the
structure. Not stated: whether pixels are pooled over the images or each image is scored and the scores are averaged.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from spinelib.literature import numbers
from spinelib.questions.compare.boards import holds_volumes

PAPER_METRICS = {"GPA": "pixel_accuracy", "Dice": "dice", "MIoU": "miou", "Sensitivity": "sensitivity"}
NEEDED = ["dice", "pixel_accuracy", "miou"]  # of the check: the first two imply the third
AVERAGINGS = {"per_image": "per image", "pooled": "pooled"}
# Plain U-Nets reach more on films of Montgomery and Shenzhen.
LUNG_FLOOR = 0.95
# Inputs printed with four digits move the implied MIoU by less than half of this.
TOLERANCE = 0.001


def metric_means(rows: pd.DataFrame, by: Sequence[str] = ("dataset", "structure")) -> pd.DataFrame:
    """The paper's metrics of the clean test films: columns `by`, metric, averaging, mean, cases, missed.

    rows: a case table. averaging ``per_image``: mean over films and runs, penalties included, with the number of
    scores and of missed structures; ``pooled``: from the pixels of all test films together, mean over runs.
    """
    clean = rows[(rows["split"] == "test") & (rows["condition"] == "none") & (rows["severity"] == 0)]
    wanted = list(PAPER_METRICS.values())
    single = clean[(clean["case"] != "all") & clean["metric"].isin(wanted)]
    pooled = clean[(clean["case"] == "all") & (clean["view"] == "all")]
    pooled = pooled.assign(metric=pooled["metric"].str.removesuffix("_pooled")).query("metric in @wanted")
    tables = []
    for name, part in (("per_image", single), ("pooled", pooled)):
        groups = part.assign(averaging=name, scored=part["value"].notna(), gone=part["status"] != "ok").groupby(
            [*by, "metric", "averaging"], sort=False
        )
        tables.append(groups.agg(mean=("value", "mean"), cases=("scored", "sum"), missed=("gone", "sum")))
    return pd.concat(tables).reset_index()


def paper_metrics(rows: pd.DataFrame, by: Sequence[str] = ("dataset", "structure")) -> pd.DataFrame:
    """GPA, Dice, MIoU and sensitivity (0..1) of the clean test films, per image and pooled, a line for each `by`.

    rows: a case table; volumes in it have no line, since the paper is about films. Columns (way of averaging, name in
    the paper) and the number of scored and of missed films; `attrs["names"]` gives our name of each metric.
    """
    films = [name for name in rows["dataset"].unique() if not holds_volumes(rows, name)]
    means = metric_means(rows[rows["dataset"].isin(films)], by)
    single = means[(means["averaging"] == "per_image") & (means["metric"] == "dice")].set_index(list(by))
    columns = {("test films", name): single[name] for name in ("cases", "missed")}
    for averaging, words in AVERAGINGS.items():
        for title, metric in PAPER_METRICS.items():
            chosen = means[(means["averaging"] == averaging) & (means["metric"] == metric)]
            columns[words, title] = chosen.set_index(list(by))["mean"].round(4)
    table = pd.DataFrame(columns, index=single.index)
    table.attrs["names"] = dict(PAPER_METRICS)
    return table


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
    rows = numbers.read() if table is None else table
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

    means: from `metric_means`, with columns data, structure, method, variant and recipe.
    """
    dice = means[(means["structure"] == "lung") & (means["metric"] == "dice") & (means["averaging"] == "per_image")]
    known = numbers.read().query("system == 'mdwcnet' and structure == 'lung' and metric == 'dice'")["value"].iloc[0]
    found = []
    for data, rows in dice[dice["mean"] < LUNG_FLOOR].groupby("data", sort=False):
        entries = [f"{r.method}/{r.variant} {r.mean:.3f} ({r.recipe} recipe)" for r in rows.itertuples()]
        found.append(
            f"{data}, lung Dice: {', '.join(entries)}. Below {LUNG_FLOOR} on these chest films is a bug or an "
            f"under-trained network, not a replication of {known}."
        )
    return found
