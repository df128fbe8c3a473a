"""Tables of a card, from the studies that scored the network; kept beside its weights, so that it can be made anew."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from spinelib.core.errors import BadInput
from spinelib.core.layout import StudyFolder
from spinelib.runs.named import finished_runs

# What a card says of outlines, angles and single structures, in this order: metric and structures ("": every one).
SHOWN = (
    ("dice", ("spine", "all", "vertebrae", "discs")),
    ("dice_closed", ("spine",)),
    ("nsd", ("spine",)),
    ("hd95", ("spine", "all")),
    ("cobb_error", ("spine",)),
    ("smape", ("spine",)),
    ("identified", ("vertebrae",)),
    ("dice_identified", ("vertebrae",)),
    ("level_accuracy", ("vertebrae", "all")),
)
# Those of them that tell how a network grew.
GROWN = ("dice", "dice_closed", "cobb_error", "identified")
SCORES = ("study", "dataset", "split", "view", "near_duplicate", "structure", "metric", "unit")
VALUES = ("mean", "low", "high", "n", "missing")
CURVE = ("cases", "dataset", "split", "structure", "metric", "unit", "mean", "low", "high", "n")


def score_rows(studies: Sequence[Path], variants: Sequence[str]) -> pd.DataFrame:
    """Mean scores with intervals over patients of the entries `variants` of method released, columns SCORES + VALUES.

    Films of each view and of all together. Raises BadInput for a study without a summary or without these entries.
    """
    parts = [_summary(folder) for folder in studies]
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["method", "variant"])
    rows = rows[(rows["method"] == "released") & rows["variant"].isin(variants)]
    if rows.empty:
        names = ", ".join(str(folder) for folder in studies)
        raise BadInput(names, f"have no scores of released/{variants[0]}", "Run study released first.")
    return _shown(rows)


def growth_rows(study: Path, name: str) -> pd.DataFrame:
    """How scores grew with the cases that network `name` learned from, columns CURVE: one row per stretch and score.

    study: one whose entries of method released are stretches of trainings, `NAME_1`, `NAME_2` and so on. Raises
    BadInput as `score_rows`.
    """
    seen = {
        str(record["parameters"]["variant"]): int(record["facts"]["released"]["cases"])
        for _, record in finished_runs(study)
        if "released" in record["facts"] and str(record["parameters"]["variant"]).startswith(f"{name}_")
    }
    if not seen:
        raise BadInput(study, f"has scored no stretch of {name}", "Run study release_curve first.")
    rows = _summary(study)
    rows = rows[rows["variant"].isin(seen) & (rows["method"] == "released") & (rows["near_duplicate"] == "all")]
    rows = together(rows)
    rows = rows[rows["metric"].isin(GROWN) & (rows["unit"] != "px")].assign(cases=rows["variant"].map(seen))
    return _ordered(rows)[list(CURVE)].sort_values("cases", kind="stable", ignore_index=True)


def together(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of a summary over all views together; of data with one view there are no others."""
    keys = [name for name in ("variant", "dataset", "split", "structure", "metric", "unit") if name in rows]
    views = rows.groupby(keys)["view"].transform(lambda found: "all" in set(found))
    return rows[(rows["view"] == "all") | ~views.astype(bool)]


def _summary(study: Path) -> pd.DataFrame:
    path = StudyFolder(study).summary
    if not path.exists():
        raise BadInput(path, "is not there", f"Run it first: make study STUDY={study.name}.")
    return pd.read_csv(path, keep_default_na=False, na_values=[""], dtype={"unit": str})


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    return _ordered(rows)[[*SCORES, *VALUES]].reset_index(drop=True)


def _ordered(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of SHOWN, in its order."""
    parts = [rows[(rows["metric"] == metric) & rows["structure"].isin(names)] for metric, names in SHOWN]
    return pd.concat(parts, ignore_index=True)
