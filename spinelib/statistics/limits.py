"""What a mean of a metric can be at all."""

from __future__ import annotations

import math

from spinelib.measures.metric import Kind
from spinelib.measures.registry import find

SHARES, DEGREES = (0.0, 1.0), (0.0, 180.0)


def limits_of(metric: str, unit: str) -> tuple[float, float]:
    """Smallest and largest value that a registered metric can have in a unit; BadInput for one that is not registered.

    A share lies between 0 and 1, SMAPE between 0 and 100 %, an angle's error between 0 and 180 degrees; a distance, a
    count and a cost have no upper limit.
    """
    known = find(metric)
    if unit == "deg":
        return DEGREES
    if unit == "1" and known.kind != Kind.DERIVED:
        return SHARES
    return (0.0, 100.0) if (known.name, unit) == ("smape", "%") else (0.0, math.inf)


def widest_difference(metric: str, unit: str) -> float:
    """The most that two values of a registered metric can differ by in a unit; BadInput as `limits_of`."""
    low, high = limits_of(metric, unit)
    return high - low
