"""How sizes and places change along a column of vertebrae, in whatever unit they are measured."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating]
# Keep logarithms of sizes and of shares finite.
TINY_SIZE, TINY_SHARE = 1e-3, 1e-4


def log_sizes(sizes: Values) -> NDArray[np.float64]:
    """Natural logarithms [V] of sizes [V], none below TINY_SIZE."""
    return np.log(np.maximum(np.asarray(sizes, np.float64), TINY_SIZE))


def log_trend(sizes: Values) -> tuple[float, float]:
    """Change of the logarithm of sizes [V] from the first to the last by a straight line, and its spread around it.

    Both are 0 for fewer than three.
    """
    values = log_sizes(sizes)
    if len(values) < 3:
        return 0.0, 0.0
    at = np.linspace(-0.5, 0.5, len(values))
    slope = float(at @ values / (at @ at))
    return slope, float((values - values.mean() - slope * at).std())


def chain_steps(points: Values) -> NDArray[np.float64]:
    """Distances [V - 1] of each of the points [V, axes] from the one before it."""
    return np.asarray(np.linalg.norm(np.diff(np.asarray(points, np.float64), axis=0), axis=1))


def chain_winding(points: Values) -> float:
    """Logarithm of the way along points [V, axes] over that from the first straight to the last; 0: no bend."""
    direct = float(np.linalg.norm(np.asarray(points[-1], np.float64) - points[0]))
    return float(np.log(max(float(chain_steps(points).sum()), TINY_SIZE) / max(direct, TINY_SIZE)))


def chain_lean(down: float, aside: float) -> float:
    """Degrees by which a chain leans away from the vertical that goes `down` and `aside`; 180: it runs upwards."""
    return float(np.degrees(np.arctan2(abs(aside), down)))
