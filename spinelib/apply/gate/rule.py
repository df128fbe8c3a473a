"""From the signs of an answer to a probability: logistic regression with a ridge.

(C, our choice) A sign counts twice: as it is, and by how far it lies beyond what is usual, because most signs of a
spine are wrong in either direction. Signs are taken relative to the median of good films, in units of their spread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]
# Spreads beyond which a sign says no more, and within which it is usual.
FARTHEST, USUAL = 6.0, 1.5
# Least spread of a sign that hardly varies; the logit that stands for certainty.
NARROWEST, CERTAIN = 1e-3, 30.0


@dataclass(frozen=True)
class Rule:
    """A probability from the signs `names`: their centre and spread [S], weights [2 S] and bias.

    The weights are of the signs in units of their spread, then of what of them lies beyond the usual.
    """

    names: tuple[str, ...]
    centre: tuple[float, ...]
    spread: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float

    @classmethod
    def fit(
        cls,
        names: Sequence[str],
        values: ArrayLike,
        answers: ArrayLike,
        good: ArrayLike,
        ridge: float,
        *,
        even: bool = False,
    ) -> Rule:
        """The rule for signs [N, S] and answers [N] of 0 and 1, centred on the rows that are `good` (bool [N]).

        even: both answers count the same in all, however many there are of each. Raises ValueError where there are
        not both.
        """
        table, wanted, usual = np.asarray(values, float), np.asarray(answers, float), np.asarray(good, bool)
        if len(np.unique(wanted)) < 2:
            raise ValueError("a rule needs both answers, right and wrong")
        centre = np.median(table[usual], 0)
        # The median deviation of what is nearly always the same, as 17 bodies, is 0.
        typical = 1.4826 * np.median(np.abs(table[usual] - centre), 0)
        spread = np.maximum(np.maximum(typical, table[usual].std(0) / 2), NARROWEST)
        seen = _features((table - centre) / spread)
        counts = (
            np.where(wanted > 0.5, 0.5 / wanted.mean(), 0.5 / (1 - wanted.mean())) if even else np.ones(len(wanted))
        )
        weights = solve_logistic(np.concatenate([seen, np.ones((len(seen), 1))], 1), wanted, counts, ridge)
        return cls(tuple(names), _plain(centre), _plain(spread), _plain(weights[:-1]), float(weights[-1]))

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Rule:
        """The rule that `record` describes. Raises TypeError, ValueError or KeyError for anything else."""
        lists = {name: _plain(np.asarray(record[name], float)) for name in ("centre", "spread", "weights")}
        rule = cls(tuple(map(str, record["names"])), bias=float(record["bias"]), **lists)
        count = len(rule.names)
        if (len(rule.centre), len(rule.spread), len(rule.weights)) != (count, count, 2 * count) or not count:
            raise ValueError("signs and weights do not fit each other")
        return rule

    def record(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(self).items()}

    def chance(self, values: ArrayLike) -> Numbers:
        """The probability [N] for signs [N, S]."""
        return _logistic(_features(self._units(values)) @ np.array(self.weights) + self.bias)

    def stretched(self, slope: float, shift: float) -> Rule:
        """The rule whose logit is that of this one times `slope`, plus `shift`."""
        return replace(self, weights=tuple(slope * w for w in self.weights), bias=slope * self.bias + shift)

    def against(self, values: ArrayLike) -> Numbers:
        """How much each sign [S] of one film speaks against it: what the logit of a film at the centre loses."""
        parts = _features(self._units(np.asarray(values, float)[None]))[0] * self.weights
        return np.asarray(-parts.reshape(2, -1).sum(0))

    def _units(self, values: ArrayLike) -> Numbers:
        return (np.asarray(values, float) - self.centre) / np.array(self.spread)


def _features(units: Numbers) -> Numbers:
    near = np.clip(units, -FARTHEST, FARTHEST)
    return np.concatenate([near, np.maximum(np.abs(near) - USUAL, 0)], 1)


def solve_logistic(seen: Numbers, wanted: Numbers, counts: Numbers, ridge: float) -> Numbers:
    """Weights [F] of features [N, F], of which the last (the constant) is not drawn to 0; rows count as `counts`."""
    from scipy.optimize import minimize

    pull = np.full(seen.shape[1], ridge)
    pull[-1] = 0.0

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        logit = seen @ weights
        value = counts @ (np.logaddexp(0, logit) - wanted * logit) + pull @ weights**2 / 2
        return float(value), seen.T @ (counts * (_logistic(logit) - wanted)) + pull * weights

    return np.asarray(minimize(loss, np.zeros(seen.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 500}).x)


def _logistic(logit: Numbers) -> Numbers:
    return 1 / (1 + np.exp(-np.clip(logit, -CERTAIN, CERTAIN)))


def _plain(values: Numbers) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
