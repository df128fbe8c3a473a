"""How much is lost, whether the order of the methods holds, where they break: of `measure_robustness`.

The patient is the unit. A loss is (clean - corrupted) / clean, of means over the same patients; its interval comes from
the bootstrap of the patients' differences (`spinelib.statistics.comparison`), with the clean mean held fixed (C, our
choice). Kendall's tau compares the order of the clean means with that of the corrupted ones; its interval redraws
patients, the same for both.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import kendalltau

from spinelib.questions.robustness.predict import CLEAN
from spinelib.runs.kinds import RELEASED_METHOD
from spinelib.statistics import comparison
from spinelib.statistics.group_intervals import ASKED, group_intervals
from spinelib.statistics.ranks import mean_replicates, tau_ends

KEYS = ("dataset", "name", "condition", "severity")
REPLICATES = 4000
FEWEST = 3  # entries whose order can change


def values(rows: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Dice of every patient of a data set, [patients, (condition, severity, name)]; films and seeds averaged."""
    own = rows[rows["dataset"] == dataset]
    return comparison.patient_values(own, ["condition", "severity", "name"]).sort_index(axis=1)


def _asked(rows: pd.DataFrame, dataset: str) -> list[tuple[str, int]]:
    """Conditions and severities of a data set, the clean one first, in the order of the rows."""
    own = rows.loc[rows["dataset"] == dataset, ["condition", "severity"]].drop_duplicates()
    return [(str(condition), int(severity)) for condition, severity in own.itertuples(index=False)]


def _entries(rows: pd.DataFrame, dataset: str) -> list[str]:
    return [str(name) for name in rows.loc[rows["dataset"] == dataset, "name"].unique()]


def losses(rows: pd.DataFrame) -> pd.DataFrame:
    """One line per data set, entry, corruption, severity: clean, mean, loss, low and high (shares), n patients."""
    lines: list[dict[str, Any]] = []
    for dataset in rows["dataset"].unique():
        table = values(rows, dataset)
        for name in _entries(rows, dataset):
            for condition, severity in _asked(rows, dataset)[1:]:
                both = table[[(CLEAN, 0, name), (condition, severity, name)]].dropna().to_numpy(float)
                clean, mean = both.mean(axis=0) if len(both) else (np.nan, np.nan)
                lost = (both[:, 0] - both[:, 1]) / clean if clean > 0 else np.empty(0)
                # A corrupted mean lies between 0 and 1: no more than all can be lost.
                most_gained = 1 - 1 / clean if clean > 0 else 0.0
                loss = comparison.mean_interval(lost, limits=(most_gained, 1.0))
                found = {"loss": loss.mean, "low": loss.low, "high": loss.high, "n": len(both)}
                about = dict(zip(KEYS, (dataset, name, condition, severity), strict=True))
                lines.append({**about, "clean": clean, "mean": mean, **found})
    return pd.DataFrame(lines, columns=[*KEYS, "clean", "mean", "loss", "low", "high", "n"])


def loss_words(table: pd.DataFrame, severity: int) -> pd.DataFrame:
    """Losses of one data set at one severity as "share [low, high]": corruptions by entry. table: of `losses`."""
    own = table[table["severity"] == severity]
    words = [f"{loss:.1%} [{low:.1%}, {high:.1%}]" for loss, low, high in own[["loss", "low", "high"]].to_numpy(float)]
    wide = own.assign(words=words).pivot(index="condition", columns="name", values="words")
    return wide.reindex(index=own["condition"].unique(), columns=own["name"].unique())


def severity_means(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean Dice with interval by data set, entry, corruption and severity; severity 0 is clean in every corruption.

    The intervals are those of boards (`group_intervals`): they allow for spines that an entry missed.
    """
    lines: list[tuple[Any, ...]] = []
    found = group_intervals(rows, [*ASKED, "name"]).reset_index()
    means = dict(zip(found[list(KEYS)].itertuples(index=False, name=None), _triples(found), strict=True))
    for dataset in rows["dataset"].unique():
        asked = _asked(rows, dataset)
        for name in _entries(rows, dataset):
            for condition in dict.fromkeys(kind for kind, _ in asked[1:]):
                tried = [key for key in asked if key[0] in (CLEAN, condition)]
                lines += [(dataset, name, condition, key[1], *means[(dataset, name, *key)]) for key in tried]
    return pd.DataFrame(lines, columns=[*KEYS, "mean", "low", "high"])


def _triples(table: pd.DataFrame) -> list[tuple[float, float, float]]:
    return list(table[["mean", "low", "high"]].astype(float).itertuples(index=False, name=None))


def breaking(table: pd.DataFrame, share: float = 0.1) -> pd.DataFrame:
    """First severity at which an entry's mean Dice has lost more than `share`, "-" for none: entries by corruption.

    table: from `losses` of one data set. A severity that was not tried is not named.
    """
    broken = table[table["loss"] > share]
    first = broken.groupby(["name", "condition"])["severity"].min().unstack()
    wide = first.reindex(index=table["name"].unique(), columns=table["condition"].unique())
    words = wide.map(lambda value: "-" if pd.isna(value) else str(int(value)))
    return words.rename_axis(index="", columns="").assign(broken=(wide.notna()).sum(axis=1))


def rank_stability(rows: pd.DataFrame, severity: int, seed: int = 0) -> pd.DataFrame:
    """Kendall's tau of the clean order with that under each corruption: tau, low, high, entries, best, best_clean.

    Released networks, which learned longer and from other data, are no part of an order. No line for data sets with
    fewer than FEWEST entries.
    """
    rows = rows[~rows["name"].str.startswith(f"{RELEASED_METHOD}/")]
    lines: list[tuple[Any, ...]] = []
    for dataset in rows["dataset"].unique():
        table, names = values(rows, dataset), _entries(rows, dataset)
        asked = [condition for condition, k in _asked(rows, dataset) if k == severity and condition != CLEAN]
        for condition in asked if len(names) >= FEWEST else ():
            keys = [[(*key, name) for name in names] for key in ((CLEAN, 0), (condition, severity))]
            sides = [table[columns] for columns in keys]
            known = sides[0].notna().all(axis=1) & sides[1].notna().all(axis=1)
            one, other = (side[known].to_numpy(float) for side in sides)
            if not len(one):
                continue
            tau = float(kendalltau(one.mean(0), other.mean(0)).statistic)
            best = [names[int(v.mean(0).argmax())] for v in (other, one)]
            lines.append((dataset, condition, severity, tau, *tau_interval(one, other, seed), len(names), *best))
    columns = ["dataset", "condition", "severity", "tau", "low", "high", "entries", "best", "best_clean"]
    return pd.DataFrame(lines, columns=columns)


def tau_interval(one: np.ndarray, other: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """95 % interval of tau-a (`ranks.tau_ends`) of the mean orders of values [patients, entries], patients shared."""
    if len(one) < 2:
        return np.nan, np.nan
    entries = [np.array([k]) for k in range(one.shape[1])]
    tau = float(kendalltau(one.mean(0), other.mean(0)).statistic)
    return tau_ends(tau, *(mean_replicates(values, entries, REPLICATES, seed) for values in (one, other)))


def worst_cases(rows: pd.DataFrame, severity: int) -> pd.DataFrame:
    """The case of every data set and corruption that lost most, and the entry that lost most on it.

    Columns dataset, condition, severity, case, name, run, clean, value. The case by the mean loss over all entries.
    """
    keys = ["dataset", "run", "case", "view"]
    clean = rows[rows["condition"] == CLEAN].set_index(keys)["value"].rename("clean")
    hit = rows[(rows["condition"] != CLEAN) & (rows["severity"] == severity)].join(clean, on=keys)
    hit = hit.assign(lost=hit["clean"] - hit["value"]).dropna(subset=["lost"])
    lines = []
    for _, part in hit.groupby(["dataset", "condition"], sort=False):
        case = part.groupby("case")["lost"].mean().idxmax()
        own = part[part["case"] == case]
        lines.append(own.nlargest(1, "lost"))
    columns = ["dataset", "condition", "severity", "case", "name", "run", "clean", "value"]
    return pd.concat(lines, ignore_index=True)[columns] if lines else pd.DataFrame(columns=columns)
