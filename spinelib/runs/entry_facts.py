"""What the runs of a study say of the entries of its summary: their compute, and whether they learned anything."""

from __future__ import annotations

from collections.abc import Mapping
from math import nan
from pathlib import Path
from typing import Any

import pandas as pd

from spinelib.measures.cobb.table import ANSWERS
from spinelib.models import METHODS
from spinelib.runs.kinds import ENTRY, EXPENSE, run_compute
from spinelib.runs.learned import OUTLINES, guessed_smape, unlearned_runs

Row = dict[str, str]


class EntryFacts:
    """Facts of a study's entries, looked up by rows of ``summary.csv`` as text."""

    def __init__(self, results: Path) -> None:
        """`results`: folder of the study."""
        runs = run_compute(results)
        key = list(zip(*(runs[name].astype(str) for name in ENTRY), strict=True))
        means: Any = runs.groupby(list(ENTRY), sort=False)[list(EXPENSE)].mean()
        self._expense = {tuple(map(str, entry)): values for entry, values in means.to_dict("index").items()}
        self._unlearned, self._guess = unlearned_runs(results), guessed_smape(results)
        self._runs = dict(zip(runs["run"], key, strict=True))

    def expense(self, row: Mapping[str, str]) -> dict[str, float]:
        """What a row's entry costs, each of EXPENSE (`spinelib.runs.kinds`); NaN where it is not known."""
        return {name: float(self._expense.get(_entry(row), {}).get(name, nan)) for name in EXPENSE}

    def runs(self, row: Mapping[str, str]) -> tuple[str, ...]:
        """Names of the finished runs of a row's entry, in their order."""
        return tuple(run for run, entry in self._runs.items() if entry == _entry(row))

    def nothing(self, rows: list[Row]) -> bool:
        """Whether no entry of these rows, all of one board, has learned anything."""
        found = self._of(rows[0])
        return {_entry(row) for row in rows} <= {self._runs.get(run) for run in found["run"]}

    def _of(self, row: Row) -> pd.DataFrame:
        of = ANSWERS if row["structure"] == ANSWERS else OUTLINES
        return self._unlearned[(self._unlearned["dataset"] == row["dataset"]) & (self._unlearned["of"] == of)]

    def learned(self, rows: list[Row]) -> tuple[list[Row], list[str]]:
        """The rows of one board without entries that learned nothing, and a sentence for each run that did not.

        Of answered angles also what one answer to every film would reach. All rows where none would be left, with a
        sentence that says so.
        """
        found = self._of(rows[0])
        shown = {_entry(row) for row in rows}
        pairs = found[["run", "reason"]].itertuples(index=False, name=None)
        own = {run: reason for run, reason in pairs if self._runs.get(run) in shown}
        out = {self._runs[run] for run in own}
        kept = [row for row in rows if _entry(row) not in out]
        words = [f"{_title(self._runs[run])} learned nothing: {reason} (run {run})." for run, reason in own.items()]
        if rows[0]["structure"] == ANSWERS and rows[0]["dataset"] in self._guess:
            smape = self._guess[rows[0]["dataset"]]
            words.insert(0, f"Same answer for every film, the mean of the training angles: SMAPE {smape:.1f} %.")
        if kept:
            return kept, words
        return rows, [*words, "No entry has learned anything: the order of this board says nothing."]


def _title(entry: tuple[str, ...]) -> str:
    """Method and variant of an entry in words."""
    method, variant = entry[:2]
    title = METHODS[method].title if method in METHODS else method
    return title if variant == "full" else f"{title}, {variant.replace('_', ' ')}"


def _entry(row: Mapping[str, str]) -> tuple[str, ...]:
    facts = {**row, "width": str(float(row.get("width") or 1.0)), "recipe": row.get("recipe") or "common"}
    return tuple(facts.get(name, "") for name in ENTRY)
