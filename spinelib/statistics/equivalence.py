"""Whether two methods are as good as each other: two one-sided t-tests against a stated margin.

Schuirmann, J Pharmacokinet Biopharm 15:657-680, 1987. (C, our choice) The margin is a judgement made before the results
are seen, in the unit of the metric; no paper of the five states one. A difference that is not significant shows no
equivalence.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from spinelib.statistics.intervals import mean_interval
from spinelib.statistics.paired_tests import checked


class Equivalence(NamedTuple):
    """Two one-sided tests: mean with its interval at 1 - 2 alpha (90 % for 5 %), larger p of the two, the verdict.

    verdict: `equivalent` (interval inside the margins), `different` (0 outside the interval), `equivalent and
    different` (a real but negligible difference), or `undecided`.
    """

    mean: float
    low: float
    high: float
    p: float
    n: int
    verdict: str


def tost(differences: ArrayLike, margin: float, alpha: float = 0.05) -> Equivalence:
    """Test differences [n] against -margin and +margin. Raises ValueError unless the margin is positive."""
    d = checked(differences)
    if d.ndim != 1 or not margin > 0:
        raise ValueError("needs differences [n] and a margin above 0")
    mean, low, high = mean_interval(d, method="t", level=1 - 2 * alpha)
    if len(d) < 2:
        return Equivalence(mean, low, high, float("nan"), len(d), "undecided")
    error = d.std(ddof=1) / np.sqrt(len(d))
    distance = margin - abs(mean)
    # Both tests at once: the nearer margin has the larger p-value. Without any spread the mean itself decides.
    p = stats.t.sf(distance / error, len(d) - 1) if error > 0 else float(distance <= 0)
    inside, apart = bool(p < alpha), bool(low > 0 or high < 0)
    words = {(True, True): "equivalent and different", (True, False): "equivalent", (False, True): "different"}
    return Equivalence(mean, low, high, float(p), len(d), words.get((inside, apart), "undecided"))
