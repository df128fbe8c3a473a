"""What a network never saw: a direction of the film, or the source that the films come from.

Nothing is predicted here: the runs of a study that were trained without a view (parameter `views`), or tested on other
data than they learned from, have their scores in the case table.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from spinelib.core.layout import StudyFolder
from spinelib.questions.robustness.subject_selection import clean_dice, record_of
from spinelib.statistics import comparison
from spinelib.statistics.limits import SHARES, widest_difference

CHANGES = ("train_films", "added", "pretrained")
ENTRY = ["method", "bare", "recipe", "width"]
SCORES = ("mean", "low", "high", "n")
LEAD = ("loss", "loss_low", "loss_high")
VIEWS = ("dataset", "name", "views", "view", "seen", *SCORES, "joint", *LEAD)
SOURCES = ("dataset", "trained_on", "name", *SCORES, "beside", "own", *LEAD)


def described(results: Path | str) -> pd.DataFrame:
    """Clean Dice of a study with facts of its runs' records.

    views: that a run learned from ("" all); bare: variant and options; changes: how many of CHANGES it has.
    """
    rows = clean_dice(results)
    given = {
        run: record_of(StudyFolder(Path(results)).run(str(run)).root).get("parameters", {})
        for run in rows["run"].unique()
    }
    views = {run: "+".join(sorted(facts.get("views", []))) for run, facts in given.items()}
    bare = {run: _bare(facts) for run, facts in given.items()}
    changes = {run: sum(bool(facts.get(name)) for name in CHANGES) for run, facts in given.items()}
    return rows.assign(views=rows["run"].map(views), bare=rows["run"].map(bare), changes=rows["run"].map(changes))


def _bare(given: dict[str, Any]) -> str:
    """A run's variant and options, whatever it was trained on."""
    return "/".join([str(given.get("variant", "full")), *given.get("options", [])])


def unseen_views(results: Path | str) -> pd.DataFrame:
    """Entries trained on some views, view by view, beside the same network trained on all: columns VIEWS.

    joint: mean Dice of that one; loss: joint - mean over the same patients, with its interval. Empty without such runs.
    """
    rows = described(results)
    lines = []
    keys = ["dataset", "trained_on", *ENTRY]
    for key, group in rows.groupby(keys, sort=False):
        some = group[group["views"] != ""]
        for (views, view), part in some.groupby(["views", "view"], sort=False):
            joint = group[(group["views"] == "") & (group["view"] == view)]
            found = {"dataset": key[0], "name": part["name"].iloc[0], "views": views, "view": view}
            found |= {"seen": view in str(views).split("+")}
            lines.append({**found, **_means(part), **_against(joint, part, "joint")})
    return pd.DataFrame(lines, columns=list(VIEWS))


def unseen_sources(results: Path | str) -> pd.DataFrame:
    """Entries tested on data they did not learn from, beside the same network that did: columns SOURCES.

    beside: name of that one; own: its mean Dice; loss: own - mean over the same patients, with its interval; NaN where
    it did not run.
    """
    rows = described(results)
    rows = rows[rows["views"] == ""]
    lines = []
    for (dataset, *_), group in rows.groupby(["dataset", *ENTRY], sort=False):
        own = group[group["trained_on"] == dataset]
        # The plainest entry stands beside: all films, nothing added, no earlier weights, where there is one.
        beside = next(iter(own.sort_values("changes", kind="stable")["name"]), "")
        for source, part in group[group["trained_on"] != dataset].groupby("trained_on", sort=False):
            found = {"dataset": dataset, "trained_on": source, "name": part["name"].iloc[0], "beside": beside}
            lines.append({**found, **_means(part), **_against(own[own["name"] == beside], part, "own")})
    return pd.DataFrame(lines, columns=list(SOURCES))


def _means(rows: pd.DataFrame) -> dict[str, float]:
    patients = rows.groupby("patient")["value"].mean().dropna()
    mean, low, high = comparison.mean_interval(patients.to_numpy(float), limits=SHARES)
    return {"mean": mean, "low": low, "high": high, "n": len(patients)}


def _against(one: pd.DataFrame, other: pd.DataFrame, name: str) -> dict[str, float]:
    """Mean of `one` and its lead over `other` on the patients that both have."""
    sides = [rows.groupby("patient")["value"].mean() for rows in (one, other)]
    both = pd.concat(sides, axis=1, join="inner").dropna().to_numpy(float)
    loss = comparison.difference_interval(both[:, 0] - both[:, 1], span=widest_difference("dice", "1"))
    mean = float(both[:, 0].mean()) if len(both) else float("nan")
    return {name: mean, "loss": loss.mean, "loss_low": loss.low, "loss_high": loss.high}
