"""Several methods on the same patients: Friedman's test, Nemenyi's critical difference, groups that it cannot part.

Friedman, J Am Stat Assoc 32:675-701, 1937; the F form is Iman & Davenport, Commun Stat A9:571-595, 1980; critical
differences and their diagram: Demšar, J Mach Learn Res 7:1-30, 2006, sections 3.2.2 and 3.2.4. (C, our choice) Blocks
are patients here, data sets there: what is said holds for patients like these, not for other data sets.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats


class Friedman(NamedTuple):
    """Mean ranks (1 is best) and the tests over them.

    chi2, p: Friedman's; f, p_f: Iman and Davenport's; critical: mean ranks that differ by less are not told apart;
    groups: the longest runs of such methods, best first; n: patients.
    """

    ranks: pd.Series
    chi2: float
    p: float
    f: float
    p_f: float
    critical: float
    groups: list[list[str]]
    n: int


def friedman(values: pd.DataFrame, higher_is_better: bool = True, alpha: float = 0.05) -> Friedman:
    """Compare all columns of `values` [patients, methods]; patients without a value of every method are left out.

    Ties share their ranks, with Friedman's correction. Raises ValueError for fewer than three methods or two patients.
    """
    complete = values.dropna()
    n, k = complete.shape
    if k < 3 or n < 2:
        raise ValueError(f"needs three methods and two patients at least, not {k} and {n}")
    table = complete.to_numpy(float) * (-1 if higher_is_better else 1)
    ranks = np.stack([stats.rankdata(row) for row in table])
    mean = pd.Series(ranks.mean(axis=0), complete.columns).sort_values(kind="stable")
    if not np.ptp(ranks, axis=1).any():
        return Friedman(mean, 0.0, 1.0, 0.0, 1.0, critical_difference(k, n, alpha), [list(mean.index)], n)
    chi2, p = stats.friedmanchisquare(*table.T)
    critical = critical_difference(k, n, alpha)
    return Friedman(mean, float(chi2), float(p), *iman_davenport(chi2, k, n), critical, groups(mean, critical), n)


def chi2_of_ranks(ranks: ArrayLike, n: int) -> float:
    """Friedman's statistic from mean ranks [k] of n patients without ties."""
    r = np.asarray(ranks, float)
    k = len(r)
    return float(12 * n / (k * (k + 1)) * (np.sum(r**2) - k * (k + 1) ** 2 / 4))


def iman_davenport(chi2: float, k: int, n: int) -> tuple[float, float]:
    """F statistic and p-value of k methods on n patients from Friedman's statistic; infinite where all agree."""
    rest = n * (k - 1) - chi2
    f = (n - 1) * chi2 / rest if rest > 1e-12 * n * k else np.inf
    return float(f), float(stats.f.sf(f, k - 1, (k - 1) * (n - 1)))


def critical_difference(k: int, n: int, alpha: float = 0.05) -> float:
    """Nemenyi's critical difference of two mean ranks of k methods over n patients."""
    q = stats.studentized_range.isf(alpha, k, np.inf) / np.sqrt(2)
    return float(q * np.sqrt(k * (k + 1) / (6 * n)))


def groups(ranks: pd.Series, critical: float) -> list[list[str]]:
    """The longest runs of methods whose mean ranks all differ by less than `critical`, best first; singles left out."""
    ordered = ranks.sort_values(kind="stable")
    values, names = ordered.to_numpy(), list(ordered.index)
    ends = np.searchsorted(values, values + critical, side="left")
    found = [(i, int(end)) for i, end in enumerate(ends) if end - i > 1]
    longest = [(i, end) for i, end in found if not any(j < i and end <= other for j, other in found)]
    return [names[i:end] for i, end in longest]
