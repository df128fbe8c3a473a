"""Published numbers of the methods, and ours beside them with a word on whether the two can be compared.

`published.csv` holds facts only: one row per number, shares in 0..1, angles in degrees, SMAPE in per cent. `status`:
``stated`` is printed in the paper or in the source named; ``derived`` is arithmetic on such numbers. `averaging` says
whether the paper pools pixels (or structures) over images or averages images; of most it is ``unknown``. `our_dataset`
names the data sets of this repository that hold the same images (empty where none does), `films` how many there are in
all, `difference` what still keeps the two apart. Systems and variants that exist here carry our names.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spinelib.core.errors import BadInput

COLUMNS = (
    *("paper", "system", "variant", "dataset", "structure", "metric", "averaging", "value", "unit", "spread"),
    *("status", "source", "our_dataset", "films", "difference", "note"),
)
KEY = ["paper", "system", "variant", "dataset", "structure", "metric", "averaging", "source"]
NUMBERS = ("value", "spread", "films")
WORDS = {"status": ("stated", "derived"), "averaging": ("pooled", "per_image", "unknown")}
OURS = ("method", "variant", "dataset", "structure", "metric", "averaging", "mean")
THEIRS = ("paper", "paper_dataset", "published", "spread", "unit", "status", "source", "comparable", "note")


def read() -> pd.DataFrame:
    """Every published number, columns COLUMNS; a copy, so that it may be changed."""
    return _table().copy()


@cache
def _table() -> pd.DataFrame:
    source = resources.files("spinelib.literature").joinpath("published.csv")
    with source.open("r", encoding="utf-8") as stream:
        return check(
            pd.read_csv(stream, keep_default_na=False, na_values={name: [""] for name in NUMBERS}), str(source)
        )


def check(table: pd.DataFrame, file: str | Path) -> pd.DataFrame:
    """`table` if it keeps the contract above; raises BadInput naming `file` and the first row that does not."""
    if tuple(table.columns) != COLUMNS:
        raise BadInput(file, f"has the columns {', '.join(table.columns)}", f"Use {', '.join(COLUMNS)}.")
    share = table["unit"] == "1"
    mistakes = {
        "is no number": table["value"].isna(),
        "is a share outside 0..1": share & ~table["value"].between(0, 1),
        "has a negative spread": table["spread"] < 0,
        "is given twice": table.duplicated(KEY),
        "has no paper or source": (table["paper"] == "") | (table["source"] == ""),
        "does not say why no data here are the same": (table["our_dataset"] == "") & (table["difference"] == ""),
        **{f"has an unknown {name}": ~table[name].isin(words) for name, words in WORDS.items()},
    }
    for reason, wrong in mistakes.items():
        if wrong.any():
            row = table[wrong].iloc[0]
            what = f"{row['system']}/{row['variant']}, {row['dataset']}, {row['metric']}"
            raise BadInput(file, f"{what}: the number {reason}", "Correct that row.")
    return table


def beside(ours: pd.DataFrame, table: pd.DataFrame | None = None) -> pd.DataFrame:
    """Our means with the published numbers of the same method, variant, structure and metric, one row per pair.

    ours: columns OURS (`dataset`: the registered data set, as ``aasce``; `averaging`: per_image or pooled; `mean` in
    the units of the case table) and, if known, `films` (how many films of that set there are here); further columns are
    kept. table: published numbers, all of them unless given. Adds the columns THEIRS. `comparable` is ``yes`` only for
    the same images and the same averaging, otherwise ``no: `` and every reason. Raises ValueError for a missing column.
    """
    missing = [name for name in OURS if name not in ours.columns]
    if missing:
        raise ValueError(f"no column {', '.join(missing)} among {', '.join(ours.columns)}")
    known = (read() if table is None else table).rename(
        columns={"system": "method", "value": "published", "dataset": "paper_dataset", "averaging": "_averaging"}
    )
    known = known.rename(columns={"films": "_films"})
    ours = ours if "films" in ours.columns else ours.assign(films=np.nan)
    pairs = ours.merge(known, on=["method", "variant", "structure", "metric"], how="inner")
    words = ["; ".join(_reasons(row)) for row in pairs.to_dict("records")]
    pairs["comparable"] = [f"no: {text}" if text else "yes" for text in words]
    return pairs[[*ours.columns, *THEIRS]]


def _reasons(pair: Mapping[Any, Any]) -> list[str]:
    """Everything that keeps a pair of numbers from being compared."""
    same = pair["dataset"] in pair["our_dataset"].split(";")
    found = []
    if same and pair["films"] < pair["_films"]:
        found.append(f"other films: {pair['films']:.0f} of {pair['_films']:.0f}")
    if not same and pair["our_dataset"]:
        found.append("other images")
    elif pair["difference"]:
        found.append(pair["difference"])
    if pair["_averaging"] == "unknown":
        found.append("averaging not stated")
    elif pair["_averaging"] != pair["averaging"]:
        found.append(f"averaging: {pair['_averaging'].replace('_', ' ')} there")
    return found
