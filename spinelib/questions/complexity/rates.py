"""How the trials of every learning-rate search scored, rate by rate, and whether its two seeds agreed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from spinelib.core.names import entry
from spinelib.plots.margin import LETTERS, column_height, names_beside
from spinelib.plots.style import entry_looks, narrow_label
from spinelib.questions.complexity.networks import run_names
from spinelib.runs.named import finished_runs
from spinelib.runs.published import StudyTables

if TYPE_CHECKING:
    from matplotlib.figure import Figure

QUESTION, TABLE = "31_complexity", "rates.csv"
TRIAL = ("learning_rate", "pilot", "fraction", "steps", "validation_score", "chosen", "stable")
COLUMNS = ("name", "trained on", *TRIAL)


def rate_trials(study: StudyTables) -> pd.DataFrame:
    """Every trial of the searches that a study made: COLUMNS; empty where it made none.

    pilot: the seed of the trial; fraction: its length as a share of a training; chosen: the rate that was picked;
    stable: whether both seeds agree with that.
    """
    if study.published:
        kept = study.kept(QUESTION, TABLE)
        return kept[0] if kept else pd.DataFrame(columns=list(COLUMNS))
    parts = list(_searches(study.folder))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))


def _searches(results: Path) -> list[pd.DataFrame]:
    names, found = run_names(results), []
    for folder, record in finished_runs(results):
        if not record.get("facts", {}).get("pilots") or not folder.learning_rates.exists():
            continue
        given = record["parameters"]
        table = pd.read_csv(folder.learning_rates)
        if set(TRIAL) <= set(table):
            name = names.get(folder.root.name, "/".join(entry({"variant": "full", **given})))
            about = {"name": name, "trained on": given["trained_on"]}
            found.append(table.assign(**about)[list(COLUMNS)])
    return found


def rate_curves(table: pd.DataFrame) -> Figure:
    """Mean validation score of the trials against the learning rate, a line an entry; dots: seeds; ringed: the pick.

    table: of `rate_trials`, of one data set. The longest trials of an entry are drawn. Raises ValueError without a row.
    """
    import matplotlib.pyplot as plt

    if table.empty:
        raise ValueError("no learning rate was searched")
    names = list(dict.fromkeys(table["name"]))
    texts = [narrow_label(name, LETTERS) for name in names]
    figure, ax = plt.subplots(figsize=(6.4, max(3.2, 1.3 * column_height(texts))))
    looks, ends = entry_looks(names), []
    for name, text in zip(names, texts, strict=True):
        own = table[table["name"] == name]
        own = own[own["fraction"] == own["fraction"].max()]
        means = own.groupby("learning_rate")["validation_score"].mean()
        ax.plot(means.index, means, lw=1.3, ms=4, zorder=3, **looks[name])
        ax.plot(own["learning_rate"], own["validation_score"], ".", ms=3, alpha=0.5, color=looks[name]["color"])
        picked = own.loc[own["chosen"], "learning_rate"].iloc[0]
        ring = {"mfc": "none", "mec": looks[name]["color"], "ls": "", "zorder": 4}
        ax.plot([picked], [means[picked]], "o", ms=10, **ring)
        ends.append((means.iloc[-1], text, looks[name]))
    ax.set_xscale("log")
    ax.set(xlabel="learning rate", ylabel="validation score of the trials")
    ax.grid(alpha=0.25)
    names_beside(ax, *zip(*ends, strict=True))
    return figure


def rate_words(table: pd.DataFrame) -> pd.DataFrame:
    """One row an entry: its rate, the trials' length in steps, their score there, and whether both seeds agree."""
    picked = table[table["chosen"]]
    keys = ["name", "trained on", "learning_rate", "steps", "stable"]
    rows = picked.groupby(keys, sort=False)["validation_score"].mean().reset_index()
    return rows.assign(stable=rows["stable"].map({True: "yes", False: "no"})).rename(
        columns={"learning_rate": "learning rate", "validation_score": "score", "stable": "seeds agree"}
    )
