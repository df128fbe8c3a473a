"""How many patients a difference needs, and which difference so many patients can show: paired t-test and TOST.

Cohen, Statistical Power Analysis for the Behavioral Sciences, 1988; by the noncentral t. d is the mean of the paired
differences over their standard deviation (d_z). (C, our choice) Power 80 % and alpha 5 % two-sided unless said; with m
comparisons the smallest p-value must pass alpha / m under Holm, which is what `comparisons` plans for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from scipy import optimize, stats

POWER, ALPHA = 0.8, 0.05
MOST = 10**7


def power_of(effect: float, n: int, alpha: float = ALPHA, comparisons: int = 1) -> float:
    """Probability that the paired t-test of n patients rejects for a true d of `effect`; 0 for fewer than two."""
    if n < 2:
        return 0.0
    reach, shift = stats.t.isf(alpha / comparisons / 2, n - 1), abs(effect) * math.sqrt(n)
    # scipy's lower tail is NaN where it is as good as 0.
    return float(stats.nct.sf(reach, n - 1, shift) + np.nan_to_num(stats.nct.cdf(-reach, n - 1, shift)))


def patients_needed(effect: float, power: float = POWER, alpha: float = ALPHA, comparisons: int = 1) -> float:
    """Smallest number of patients that shows a true d of `effect` with this power; infinite for 0 or above MOST."""
    return _fewest(lambda n: power_of(effect, n, alpha, comparisons), power) if effect else math.inf


def smallest_effect(n: int, power: float = POWER, alpha: float = ALPHA, comparisons: int = 1) -> float:
    """Smallest d that n patients show with this power; infinite for fewer than two."""
    if n < 2:
        return math.inf
    top = 1.0
    while power_of(top, n, alpha, comparisons) < power:
        top *= 2
    return float(optimize.brentq(lambda d: power_of(d, n, alpha, comparisons) - power, 1e-9, top))


def patients_for_equivalence(margin: float, effect: float = 0.0, power: float = POWER, alpha: float = ALPHA) -> float:
    """Smallest number of patients whose TOST shows equivalence within `margin`, both in standard deviations.

    effect: the true d, 0 unless said. Infinite where the true difference is no smaller than the margin.
    """
    return _fewest(lambda n: equivalence_power(margin, n, effect, alpha), power) if abs(effect) < margin else math.inf


def equivalence_power(margin: float, n: int, effect: float = 0.0, alpha: float = ALPHA) -> float:
    """Probability that TOST of n patients shows equivalence, from the noncentral t (its usual approximation)."""
    reach, root = stats.t.isf(alpha, n - 1), math.sqrt(n)
    upper = stats.nct.cdf(-reach, n - 1, (effect - margin) * root)
    lower = stats.nct.cdf(reach, n - 1, (effect + margin) * root)
    return float(max(np.nan_to_num(upper) - np.nan_to_num(lower), 0.0))


def power_table(effects: Sequence[float], sizes: Sequence[int], comparisons: int = 1) -> pd.DataFrame:
    """Power of every d and number of patients: columns effect, n, power."""
    rows = [(d, n, power_of(d, n, comparisons=comparisons)) for d in effects for n in sizes]
    return pd.DataFrame(rows, columns=["effect", "n", "power"])


def _fewest(attained: Callable[[int], float], power: float) -> float:
    """Smallest n from 2 on whose attained power reaches `power`; it grows with n."""
    high = 2
    while attained(high) < power:
        high *= 2
        if high > MOST:
            return math.inf
    low = max(high // 2, 2)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if attained(middle) >= power else (middle + 1, high)
    return float(high)
