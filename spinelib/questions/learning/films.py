"""How many training films a method needs: runs of a study that differ in nothing else (SpineFM: needs less data, A).

Families and numbers of films are those of `spinelib.questions.learning.amounts`. (C, our choice) Equal numbers of
steps, not of epochs, so that fewer films are not also less training; what is lost with fewer films is the difference of
the same patients.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from spinelib.questions.compare.boards import first_structure
from spinelib.questions.learning.amounts import COLUMNS, training_amounts
from spinelib.statistics import comparison
from spinelib.statistics.group_intervals import ASKED, group_intervals
from spinelib.statistics.limits import widest_difference

# Of the score with all films: what counts as enough.
ENOUGH = 0.98


def film_amounts(
    results: Path | str, cases: pd.DataFrame, dataset: str, metric: str = "dice", unit: str = "1"
) -> pd.DataFrame:
    """Mean of a metric (test cases, 95 % interval over patients) by family and number of training films.

    cases: of `study_cases`. Columns of `training_amounts` and `name`; no row where no family has two amounts. Raises
    BadInput for a run without its record.
    """
    rows = _rows(cases, dataset, metric, unit)
    if rows.empty:
        return pd.DataFrame(columns=[*COLUMNS, "name"])
    runs = rows.drop_duplicates("run")[["name", "run"]]
    # As on the boards, misses that these patients do not show included.
    found = group_intervals(rows, [*ASKED, "name"]).reset_index()
    titles = {"mean": metric, "low": f"{metric}_low", "high": f"{metric}_high"}
    board = found.drop(columns="metric").rename(columns=titles).assign(route=found["name"])
    table = training_amounts(results, runs, board, metric)
    return table.assign(name=table["route"]).sort_values(["family", "start", "training films"], ignore_index=True)


def _rows(cases: pd.DataFrame, dataset: str, metric: str, unit: str) -> pd.DataFrame:
    """Clean test rows of the structure that a data set's entries are compared by, with `name`."""
    chosen = {"dataset": dataset, "split": "test", "structure": first_structure(cases, dataset)}
    rows = cases[(cases["condition"] == "none") & (cases["metric"] == metric) & (cases["unit"] == unit)]
    for column, value in chosen.items():
        rows = rows[rows[column] == value]
    rows = rows[rows["case"] != comparison.ALL]
    return rows.assign(name=rows["method"] + "/" + rows["variant"])


def _values(cases: pd.DataFrame, dataset: str, metric: str, unit: str) -> pd.DataFrame:
    """Values [patients, names], films and seeds of a patient averaged."""
    rows = _rows(cases, dataset, metric, unit)
    return comparison.patient_values(rows, ["name"]) if len(rows) else pd.DataFrame()


def film_losses(
    table: pd.DataFrame, cases: pd.DataFrame, dataset: str, metric: str = "dice", unit: str = "1"
) -> pd.DataFrame:
    """What each family of `film_amounts` loses with fewer films than its most, one row per smaller amount.

    Columns family, start, training films, of (its most), share, lost, low, high (paired by patient, positive is a loss
    of a metric where more is better), kept (mean over the mean with all), enough: kept at least 0.98.
    """
    values, lines = _values(cases, dataset, metric, unit), []
    span = widest_difference(metric, unit)
    for (family, start), own in table.groupby(["family", "start"], sort=False):
        own = own.sort_values("training films")
        most = own.iloc[-1]
        for row in own.iloc[:-1].to_dict("records"):
            both = values[[most["name"], row["name"]]].dropna().to_numpy(float)
            lost = comparison.difference_interval(both[:, 0] - both[:, 1], span=span)
            films, of = int(row["training films"]), int(most["training films"])
            kept = row["value"] / most["value"] if most["value"] else np.nan
            about = {"family": family, "start": start, "training films": films, "of": of, "share": films / of}
            lines.append({**about, "lost": lost.mean, "low": lost.low, "high": lost.high, "kept": kept})
    columns = ["family", "start", "training films", "of", "share", "lost", "low", "high", "kept"]
    found = pd.DataFrame(lines, columns=columns)
    return found.assign(enough=found["kept"] >= ENOUGH)


def film_gains(
    table: pd.DataFrame, cases: pd.DataFrame, dataset: str, metric: str = "dice", unit: str = "1"
) -> pd.DataFrame:
    """What more films bought each family of `film_amounts`, one row per amount and the next larger one.

    Columns family, start, "from", "to" (training films), gained, low, high (paired by patient, positive is a gain of a
    metric where more is better), "per ten films" (gained, by ten of the films that were added).
    """
    values, lines = _values(cases, dataset, metric, unit), []
    span = widest_difference(metric, unit)
    for (family, start), own in table.groupby(["family", "start"], sort=False):
        rows = own.sort_values("training films").to_dict("records")
        for row, more in pairwise(rows):
            both = values[[row["name"], more["name"]]].dropna().to_numpy(float)
            gained = comparison.difference_interval(both[:, 1] - both[:, 0], span=span)
            fewer, films = int(row["training films"]), int(more["training films"])
            about = {"family": family, "start": start, "from": fewer, "to": films}
            tens = (films - fewer) / 10
            found = {"gained": gained.mean, "low": gained.low, "high": gained.high}
            lines.append({**about, **found, "per ten films": gained.mean / tens})
    columns = ["family", "start", "from", "to", "gained", "low", "high", "per ten films"]
    return pd.DataFrame(lines, columns=columns)
