"""Several views of one patient: paired differences by view with the patient as random effect.

A linear mixed model of the differences, one mean per view and a random intercept per patient, by restricted maximum
likelihood (Laird & Ware, Biometrics 38:963-974, 1982; statsmodels). Patients may lack a view. (C, our choice) Intervals
and p-values use t with one degree of freedom less than there are patients, not the model's normal quantiles, which
reject too often for few patients; whether the views differ is an F test with patients - views.
"""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]


class Mixed(NamedTuple):
    """What the model says: `table` has a row per view and one for `all` views, columns mean, low, high, p, n.

    correlation: of two views of a patient; p_views: that the difference is the same in every view; patients: how many.
    """

    table: pd.DataFrame
    correlation: float
    p_views: float
    patients: int


def view_model(differences: pd.DataFrame, level: float = 0.95) -> Mixed:
    """Fit differences with the columns patient, view and value, one row per patient and view.

    Means are in the unit of the values; `all` is the plain mean over the views. Raises ValueError for a repeated row,
    values that are not finite, fewer than two views, or no more patients than views.
    """
    views, patients = list(dict.fromkeys(differences["view"])), differences["patient"].nunique()
    if differences.duplicated(["patient", "view"]).any() or not np.isfinite(differences["value"]).all():
        raise ValueError("needs one finite value per patient and view")
    if len(views) < 2 or patients <= len(views):
        raise ValueError(f"needs two views at least and more patients than views, not {len(views)} and {patients}")
    means, covariance, correlation = _fit(differences, views)
    weights = np.vstack([np.eye(len(views)), np.full(len(views), 1 / len(views))])
    value, error = weights @ means, np.sqrt(np.einsum("ij,jk,ik->i", weights, covariance, weights))
    reach = stats.t.ppf((1 + level) / 2, patients - 1) * error
    p = 2 * stats.t.sf(np.abs(value) / error, patients - 1)
    counts = [*(int((differences["view"] == v).sum()) for v in views), patients]
    columns = {"mean": value, "low": value - reach, "high": value + reach, "p": p, "n": counts}
    table = pd.DataFrame(columns, index=pd.Index([*views, "all"], name="view"))
    return Mixed(table, correlation, _same_everywhere(means, covariance, patients), patients)


def _fit(differences: pd.DataFrame, views: list[str]) -> tuple[Array, Array, float]:
    """Mean of every view, their covariance, and the correlation within a patient."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    design = np.stack([differences["view"] == v for v in views], axis=1).astype(float)
    values = differences["value"].to_numpy(float)
    # The optimiser's tolerances are absolute: Dice differences of 0.01 need a scale.
    scale = values.std() or 1.0
    with warnings.catch_warnings():
        # A patient effect of 0 lies on the boundary and is a result, not a failure.
        warnings.simplefilter("ignore")
        found = MixedLM(values / scale, design, groups=differences["patient"].to_numpy()).fit(reml=True)
    within, between = float(found.scale), float(np.asarray(found.cov_re)[0, 0])
    k = len(views)
    return found.fe_params * scale, np.asarray(found.cov_params())[:k, :k] * scale**2, between / (between + within)


def _same_everywhere(means: Array, covariance: Array, patients: int) -> float:
    """p-value of equal means, by Wald's F."""
    k = len(means)
    contrast = np.eye(k)[1:] - np.eye(k)[:1]
    gap = contrast @ means
    f = gap @ np.linalg.solve(contrast @ covariance @ contrast.T, gap) / (k - 1)
    return float(stats.f.sf(f, k - 1, patients - k))
