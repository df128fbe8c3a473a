"""Films that were labelled twice: how well two people agree, which bounds what any score can mean."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from spinelib.cases.tables import read_frame
from spinelib.core.layout import DATA, REPEAT
from spinelib.runs.named import named_folders


def repeat_tables(results: Path | str) -> dict[str, pd.DataFrame]:
    """Agreement of repeated labels, for every data set of the study that has films labelled twice."""
    paths = [folder / REPEAT for folder in named_folders(results, DATA)]
    tables = {path.parent.name: read_frame(path) for path in paths}
    return {name: table for name, table in tables.items() if len(table)}


def repeat_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Agreement of repeated labels: all pairs, and those across the split (leaked test films) by themselves."""
    columns = {
        "dice": "Dice",
        "difference_an1": "largest angle °",
        "difference_mean": "mean angle °",
        "smape": "SMAPE %",
    }
    sides = {"all pairs": table, "across the split": table[table["across_split"]]}
    rows = {name: side[list(columns)].mean().round(2).rename(columns) for name, side in sides.items() if len(side)}
    counts = pd.Series({name: len(side) for name, side in sides.items()}, name="pairs")
    return pd.DataFrame(rows).T.join(counts)
