"""The four metrics of the MDWC-Net paper, both ways of averaging them.

Gu, Wang, Chen 2025, Front. Physiol. 16:1651296, section 3.2.2. (A) GPA is the share of pixels classified correctly,
MIoU the mean IoU over the classes (here structure and background), Dice and sensitivity are those of the structure. Not
stated: whether pixels are pooled over the images or each image is scored and the scores are averaged; (C) both are
shown.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

PAPER_METRICS = {"GPA": "pixel_accuracy", "Dice": "dice", "MIoU": "miou", "Sensitivity": "sensitivity"}
AVERAGINGS = {"per_image": "per image", "pooled": "pooled"}
EVERYTHING = "all"  # the structure of rows that hold the mean over the structures of a volume


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
    # Volumes have means over their structures, films have not.
    volumes = rows.loc[rows["structure"] == EVERYTHING, "dataset"].unique()
    means = metric_means(rows[~rows["dataset"].isin(volumes)], by)
    single = means[(means["averaging"] == "per_image") & (means["metric"] == "dice")].set_index(list(by))
    columns = {("test films", name): single[name] for name in ("cases", "missed")}
    for averaging, words in AVERAGINGS.items():
        for title, metric in PAPER_METRICS.items():
            chosen = means[(means["averaging"] == averaging) & (means["metric"] == metric)]
            columns[words, title] = chosen.set_index(list(by))["mean"].round(4)
    table = pd.DataFrame(columns, index=single.index)
    table.attrs["names"] = dict(PAPER_METRICS)
    return table
