"""How firm an order is: ranks over resamples of patients and trainings, and how far two orders agree.

Patients are drawn with replacement, the same for all entries, and each entry's seeds among its own: an entry trained
once has no spread of training to draw from, and its ranks are those of this one training. Ranks are of the means, as on
a board (Wiesenfarth et al., Sci Rep 11:2369, 2021). (C, our choice) The weights drawn are spread by sqrt(n / (n - 1)),
without which the means of few patients or seeds vary less than they do among other patients and trainings.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]
REPLICATES = 2000
SURE = 0.975  # share of resamples that settles on which side two entries stand


class RankStability(NamedTuple):
    """`ranks`: a row per entry, best first: rank, low, high (95 %), seeds; `shares`: of resamples, [entries, ranks].

    patients: how many have a value of every entry and seed.
    """

    ranks: pd.DataFrame
    shares: pd.DataFrame
    patients: int


def rank_shares(
    rows: pd.DataFrame, higher_is_better: bool = True, replicates: int = REPLICATES, seed: int = 0
) -> RankStability:
    """Ranks of the entries of case rows with name, patient, seed and value; 1 is best, ties share the better rank.

    Films and folds of a patient are averaged. Raises ValueError for fewer than two entries or two patients that all
    entries and seeds have.
    """
    table = rows.groupby(["patient", "name", "seed"], sort=False)["value"].mean().unstack(["name", "seed"]).dropna()
    names = list(dict.fromkeys(table.columns.get_level_values("name")))
    if len(names) < 2 or len(table) < 2:
        raise ValueError(f"needs two entries and two patients at least, not {len(names)} and {len(table)}")
    owners = table.columns.get_level_values("name").to_numpy()
    columns = [np.flatnonzero(owners == name) for name in names]
    values = table.to_numpy(float) * (-1 if higher_is_better else 1)
    drawn = stats.rankdata(mean_replicates(values, columns, replicates, seed), method="min", axis=1).astype(int)
    seen = stats.rankdata([values[:, own].mean() for own in columns], method="min").astype(int)
    low, high = rank_bounds(drawn)
    ranks = pd.DataFrame({"rank": seen, "low": low, "high": high, "seeds": list(map(len, columns))}, index=names)
    places = np.arange(1, len(names) + 1)
    shares = pd.DataFrame((drawn[:, :, None] == places).mean(axis=0), index=names, columns=places)
    order = ranks.sort_values("rank", kind="stable").index
    return RankStability(ranks.loc[order], shares.loc[order], len(table))


def mean_replicates(
    values: Array, columns: Sequence[NDArray[np.integer[Any]]], replicates: int = REPLICATES, seed: int = 0
) -> Array:
    """Means [replicates, entries] over drawn patients and seeds of values [patients, trainings].

    columns: the trainings of each entry, as places in `values`.
    """
    rng = np.random.default_rng(seed)
    means = _weights(rng, len(values), replicates) @ values
    found = [means[:, own[0]] if len(own) == 1 else _over_seeds(rng, means[:, own]) for own in columns]
    return np.stack(found, axis=1)


def _over_seeds(rng: np.random.Generator, means: Array) -> Array:
    return np.einsum("ij,ij->i", _weights(rng, means.shape[1], len(means)), means)


def _weights(rng: np.random.Generator, n: int, replicates: int) -> Array:
    """Weights of n in each resample, [replicates, n], that sum to 1."""
    drawn = rng.multinomial(n, np.full(n, 1 / n), size=replicates) / n
    return 1 / n + (drawn - 1 / n) * math.sqrt(n / max(n - 1, 1))


def rank_bounds(drawn: Array, level: float = 0.95) -> tuple[Array, Array]:
    """Lowest and highest rank of each entry, [entries], that holds `level` of its drawn ranks [replicates, entries]."""
    low = np.quantile(drawn, (1 - level) / 2, axis=0, method="lower")
    return low, np.quantile(drawn, (1 + level) / 2, axis=0, method="higher")


def tau_ends(tau: float, one: Array, other: Array) -> tuple[float, float]:
    """95 % interval of Kendall's tau between two orders, from the drawn means of both, [replicates, entries].

    Noise alone pulls tau to 0, the more in resamples, so their percentiles bound it on that side only. On the other
    side stands what tau would be if the orders agreed (of a tau below 0: disagreed) in every pair that the resamples do
    not settle (SURE): where no pair is settled the other way, an interval holds 1.
    """
    first, second = np.triu_indices(one.shape[1], 1)
    products = np.multiply(*(np.sign(means[:, first] - means[:, second]) for means in (one, other)))
    low, high = np.percentile(products.mean(axis=1), [2.5, 97.5])
    if not math.isfinite(tau):  # entries that are all the same have no order
        return math.nan, math.nan
    side = 1 if tau >= 0 else -1
    against = np.mean(np.mean(side * products < 0, axis=0) >= SURE)
    far = side * (1 - 2 * against)
    return float(min(low, tau, far)), float(max(high, tau, far))
