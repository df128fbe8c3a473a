"""A published study as its tables hold it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from spinelib.core.errors import BadInput
from spinelib.core.layout import (
    CONTRAST_TABLE,
    PUBLISHED_RECORDS,
    PUBLISHED_RUNS,
    QUESTIONS,
    RUNS,
    STUDY_FACTS,
    SUMMARY_TABLE,
)
from spinelib.plots.style import short_label
from spinelib.report.publish.about import origin_facts
from spinelib.report.words import duration
from spinelib.runs.tables import TEXT

CONTRASTS = f"{QUESTIONS}/60_significance/{CONTRAST_TABLE}"
# What records said of overlaps and of leaders before the contrasts judged differences.
EARLIER_WORDS = (
    (r"; intervals of \d+ of \d+ others overlap with its own", ""),
    (r"[^:]+, best on clean images, stays best under", " the entry in front on clean images stays there under"),
)
# What earlier tables and records called a released network on other data than the first, as if it had learned there.
BORROWED, BORROWED_WORDS = r"^(released/\w+?)_from_\w+$", (r"(Released network, \w+) from .+? has", r"\1 has")
AGAIN = "Publish the study anew: make publish STUDY=..."


@dataclass(frozen=True)
class PublishedStudy:
    """The folder ``reports/published/STUDY``; every table is read once, when it is first asked for."""

    folder: Path

    @property
    def name(self) -> str:
        """Name of the study."""
        return self.folder.name

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What the study file says: title, question, banner."""
        return self._json(STUDY_FACTS)

    @cached_property
    def records(self) -> dict[str, dict[str, Any]]:
        """The record of every run and question, by ``runs/NAME`` or ``questions/NAME``."""
        return self._json(PUBLISHED_RECORDS)

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row per run."""
        return self.table(PUBLISHED_RUNS)

    @cached_property
    def summary(self) -> pd.DataFrame:
        """Means with intervals on clean images, with a column `entry` (method/variant, and what else tells it apart).

        The comparison's own table names its entries apart; where they are the same, only the study's is published.
        """
        own = f"{QUESTIONS}/90_compare/{SUMMARY_TABLE}"
        rows = self.table(own if (self.folder / own).exists() else SUMMARY_TABLE)
        rows = rows[rows["condition"] == "none"]
        return rows.assign(entry=(rows["method"] + "/" + rows["variant"]).str.replace(BORROWED, r"\1", regex=True))

    @property
    def trained_again(self) -> bool:
        """Whether any run was made from another seed than the others."""
        return "seed" in self.runs and self.runs["seed"].nunique() > 1

    def has(self, place: str) -> bool:
        """Whether the file `place` of this study is published."""
        return (self.folder / place).exists()

    def table(self, place: str) -> pd.DataFrame:
        """The table `place`; raises BadInput where it is not published."""
        if not self.has(place):
            raise BadInput(self.folder / place, "is not published", AGAIN)
        # A data set may be called by a number
        return pd.read_csv(self.folder / place, dtype=TEXT)

    def answer(self, question: str) -> list[str]:
        """The sentences that the notebook `question` left in its record, without the words of earlier versions."""
        lines = list(self.records.get(f"{QUESTIONS}/{question}", {}).get("answer", []))
        for words, instead in (BORROWED_WORDS, *(() if self.has(CONTRASTS) else EARLIER_WORDS)):
            lines = [re.sub(words, instead, line) for line in lines]
        return lines

    def origin(self) -> list[tuple[str, str]]:
        """Commit, date, seeds, budget and machine, as pairs of words."""
        trained, asked = (
            {k: r for k, r in self.records.items() if k.startswith(f"{kind}/")} for kind in (RUNS, QUESTIONS)
        )
        return origin_facts(trained, asked)

    def fact(self, run: str, *path: str) -> Any:
        """An entry of a run's record, by its keys; raises BadInput where there is none."""
        found: Any = self.records.get(f"{RUNS}/{run}", {})
        for key in path:
            if not isinstance(found, dict) or key not in found:
                raise BadInput(self.folder / PUBLISHED_RECORDS, f"{run} has no {'.'.join(path)}", AGAIN)
            found = found[key]
        return found

    def seconds(self, *runs: str) -> str:
        """Time that the trainings named (all, if none) took, as words."""
        names = runs or tuple(self.runs["run"])
        return duration(sum(float(self.fact(name, "facts", "training").get("seconds") or 0) for name in names))

    def _json(self, place: str) -> dict[str, Any]:
        if not self.has(place):
            raise BadInput(self.folder / place, "is not published", AGAIN)
        found: dict[str, Any] = json.loads((self.folder / place).read_text(encoding="utf-8"))
        return found


def entry_label(entry: str) -> str:
    """Name of an entry (method/variant) as tables print it."""
    return short_label(entry)


class Mean(NamedTuple):
    """A mean over `n` patients with its interval and SD; `cases` averaged, `missing` of them without the structure."""

    mean: float
    low: float
    high: float
    sd: float
    n: int
    missing: int
    cases: int


def value(study: PublishedStudy, dataset: str, entry: str, metric: str, structure: str, **where: str) -> Mean:
    """The summary's one row of an entry, all views together; `where` may name unit, split, near_duplicate or recipe.

    Raises BadInput where the table has no such row, or several.
    """
    rows = clean_rows(study, dataset, structure, **where)
    rows = rows[(rows["entry"] == entry) & (rows["metric"] == metric)]
    if len(rows) != 1:
        reason = f"{len(rows)} rows for {entry}, {metric} of {structure} on {dataset}"
        raise BadInput(study.folder / SUMMARY_TABLE, reason, AGAIN)
    return Mean(*(rows.iloc[0][name] for name in Mean._fields))


def clean_rows(study: PublishedStudy, dataset: str, structure: str, **where: str) -> pd.DataFrame:
    """Rows of the summary of test images, all views together; `where` chooses by further columns."""
    chosen = {"dataset": dataset, "structure": structure, "split": "test", "near_duplicate": "all", **where}
    rows = study.summary
    for column, wanted in chosen.items():
        rows = rows[rows[column] == wanted]
    rows = rows[~rows["metric"].str.endswith("_pooled")]
    return rows[rows["view"] == "all"] if rows["view"].nunique() > 1 else rows
