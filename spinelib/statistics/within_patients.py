"""How alike the films of one patient are, and how many patients the films are worth.

One-way random effects (Shrout & Fleiss, Psychol Bull 86:420-428, 1979, ICC(1)) by the analysis of variance for patients
with unequal numbers of films (Donner, Int Stat Rev 54:67-82, 1986). (C, our choice) A correlation below 0 makes nobody
worth more than one: the effective number is at most that of the films.

Marks: (C) our choice.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike


class Alike(NamedTuple):
    """Films of the same patients.

    icc: share of the variance that lies between patients, NaN where no patient has two films or all values are equal;
    each: films per patient, weighted as the analysis of variance does (n0); effective: n / (1 + (n0 - 1) icc), how many
    independent films the `films` are worth.
    """

    icc: float
    films: int
    patients: int
    each: float
    effective: float


def films_alike(values: ArrayLike, patients: ArrayLike) -> Alike:
    """Correlation of `values` [n], one of each film, within `patients` [n], and the effective number of films.

    Values that are NaN are left out. Raises ValueError for lengths that differ.
    """
    numbers, names = np.asarray(values, np.float64), np.asarray(patients)
    if numbers.shape != names.shape or numbers.ndim != 1:
        raise ValueError(f"values and patients need one shape [n], not {numbers.shape} and {names.shape}")
    known = np.isfinite(numbers)
    numbers, member = numbers[known], pd.factorize(names[known])[0]
    counts = np.bincount(member)
    n, k = len(numbers), len(counts)
    if k < 2:
        return Alike(np.nan, n, k, float(n) if k else np.nan, np.nan)
    each = float((n - (counts**2).sum() / n) / (k - 1))
    icc = _one_way(numbers, member, counts, each)
    # Without a second film of anybody nothing tells how alike two would be, and nothing needs to.
    effective = n / (1 + (each - 1) * max(icc, 0.0)) if np.isfinite(icc) else float(n) if n == k else np.nan
    return Alike(icc, n, k, each, effective)


def _one_way(numbers: np.ndarray, member: np.ndarray, counts: np.ndarray, each: float) -> float:
    """ICC(1) from the mean squares between and within patients."""
    n, k = len(numbers), len(counts)
    means = np.bincount(member, numbers) / counts
    between = (counts * (means - numbers.mean()) ** 2).sum() / (k - 1)
    within = ((numbers - means[member]) ** 2).sum() / (n - k) if n > k else np.nan
    total = between + (each - 1) * within
    # A spread of rounding errors is no spread.
    return float((between - within) / total) if total > (1e-12 * np.abs(numbers).max()) ** 2 else np.nan
