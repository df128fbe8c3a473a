"""The ledger of published numbers, and ours beside them with a word on whether the two can be compared.

Every number that a paper prints stands once in `numbers.csv`, a row with an `id` by which claims and texts name it:
shares in 0..1, angles in degrees, SMAPE in per cent. With `over` a row is a printed gain of `system` over that entry;
with `follows` it has no number of its own, but is arithmetic on ids (`spinelib.literature.arithmetic`). `status`:
``stated`` is printed in the paper or in the source named; ``derived`` follows from such numbers. `averaging` says
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
from spinelib.literature.arithmetic import Number, Numbers, in_words

COLUMNS = (
    *("paper", "system", "variant", "dataset", "structure", "metric", "averaging", "value", "unit", "spread"),
    *("status", "source", "our_dataset", "films", "difference", "note"),
)
LEDGER_COLUMNS = ("id", *COLUMNS[:3], "over", *COLUMNS[3:8], "follows", *COLUMNS[8:])
KEY = ["paper", "system", "variant", "over", "dataset", "structure", "metric", "averaging", "source"]
NUMERIC = ("value", "spread", "films")
ALLOWED = {"status": ("stated", "derived"), "averaging": ("pooled", "per_image", "unknown")}
OURS = ("method", "variant", "dataset", "structure", "metric", "averaging", "mean")
THEIRS = ("paper", "paper_dataset", "published", "spread", "unit", "status", "source", "comparable", "note")


def read_numbers() -> pd.DataFrame:
    """What the papers print of systems, gains over others left out: columns COLUMNS; a copy, which may be changed."""
    table = ledger()
    return table.loc[table["over"] == "", list(COLUMNS)].reset_index(drop=True)


def ledger() -> pd.DataFrame:
    """Every row of `numbers.csv` with its value, columns LEDGER_COLUMNS; a copy, so that it may be changed."""
    return _ledger()[0].copy()


def known() -> Numbers:
    """Every published number, and its spread as ``id spread``, by id."""
    return _ledger()[1]


@cache
def _ledger() -> tuple[pd.DataFrame, Numbers]:
    source = resources.files("spinelib.literature").joinpath("numbers.csv")
    with source.open("r", encoding="utf-8") as stream:
        table = pd.read_csv(stream, keep_default_na=False, na_values={name: [""] for name in NUMERIC})
    return worked_out(check_published_numbers(table, str(source)), str(source))


def worked_out(table: pd.DataFrame, file: str | Path) -> tuple[pd.DataFrame, Numbers]:
    """The ledger with the values that follow from others and with its texts filled in, and its numbers by id.

    table: as of `check_published_numbers`. Raises BadInput naming `file` where a row or a text names what is no id.
    """
    printed, numbers = table[table["follows"] == ""], Numbers()
    for name, value, spread, unit in printed[["id", "value", "spread", "unit"]].itertuples(index=False):
        numbers |= {name: Number(value, unit), f"{name} spread": Number(spread, unit)}
    try:
        # What follows does so from printed numbers alone, so that nothing can go round in a circle.
        keys = dict(zip(table["id"], table["follows"], strict=True))
        derived = {name: numbers[key] for name, key in keys.items() if key}
        values = [numbers.rounded(key or name) for name, key in keys.items()]
        texts = {name: [in_words(text, numbers) for text in table[name]] for name in ("source", "note")}
    except KeyError as error:
        raise BadInput(file, f"names {error}, which is no printed number", "Use an id of that file.") from error
    return table.assign(value=values, **texts), Numbers(numbers | derived)


def check_published_numbers(table: pd.DataFrame, file: str | Path) -> pd.DataFrame:
    """`table` if it keeps the contract above; raises BadInput naming `file` and the first row that does not."""
    if tuple(table.columns) != LEDGER_COLUMNS:
        raise BadInput(file, f"has the columns {', '.join(table.columns)}", f"Use {', '.join(LEDGER_COLUMNS)}.")
    given, follows = table["value"].notna(), table["follows"] != ""
    mistakes = {
        "is no number": ~given & ~follows,
        "is printed and follows from others at once": given & follows,
        "is a share outside 0..1": given & (table["unit"] == "1") & ~table["value"].between(0, 1),
        "has a negative spread": table["spread"] < 0,
        "is given twice": table.duplicated(KEY) | table.duplicated("id"),
        "is derived but does not follow, or follows but is not derived": (table["status"] == "derived") != follows,
        "has no paper or source": (table["paper"] == "") | (table["source"] == ""),
        "does not say why no data here are the same": (table["our_dataset"] == "") & (table["difference"] == ""),
        **{f"has an unknown {name}": ~table[name].isin(words) for name, words in ALLOWED.items()},
    }
    for reason, wrong in mistakes.items():
        if wrong.any():
            raise BadInput(file, f"{table.loc[wrong, 'id'].iloc[0]}: the number {reason}", "Correct that row.")
    return table


def beside_published(ours: pd.DataFrame, table: pd.DataFrame | None = None) -> pd.DataFrame:
    """Our means with the published numbers of the same method, variant, structure and metric, one row per pair.

    ours: columns OURS (`dataset`: the registered data set, as ``aasce``; `averaging`: per_image or pooled; `mean` in
    the units of the case table) and, if known, `films` (how many films of that set there are here); further columns are
    kept. table: published numbers, all of them unless given. Adds the columns THEIRS. `comparable` is ``yes`` only for
    the same images and the same averaging, otherwise ``no: `` and every reason. Raises ValueError for a missing column.
    """
    missing = [name for name in OURS if name not in ours.columns]
    if missing:
        raise ValueError(f"no column {', '.join(missing)} among {', '.join(ours.columns)}")
    theirs = (read_numbers() if table is None else table).rename(
        columns={"system": "method", "value": "published", "dataset": "paper_dataset", "averaging": "_averaging"}
    )
    theirs = theirs.rename(columns={"films": "_films"})
    ours = ours if "films" in ours.columns else ours.assign(films=np.nan)
    pairs = ours.merge(theirs, on=["method", "variant", "structure", "metric"], how="inner")
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
