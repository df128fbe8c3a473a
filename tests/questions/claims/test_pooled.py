"""Means over all vertebrae together, and how sure they are."""

import numpy as np
import pandas as pd
import pytest

from spinelib.questions.claims.pooled import pooled_values


def rows(counts, seed=0):
    """A row per vertebra: (identified, labelled) of each patient."""
    lines = [
        {"patient": f"p{i}", "structure": f"L{k}", "value": float(k < found)}
        for i, (found, labelled) in enumerate(counts)
        for k in range(labelled)
    ]
    lines += [{"patient": f"p{i}", "structure": "vertebrae", "value": f / n} for i, (f, n) in enumerate(counts)]
    return pd.DataFrame(lines).assign(name="a/full", seed=seed, fold=0)


def test_the_mean_is_that_of_all_vertebrae_and_not_of_patients():
    values = pooled_values(rows([(10, 10), (0, 2)]))
    assert values.mean().item() == pytest.approx(10 / 12)  # the mean of patients is 0.5


def test_the_spread_is_that_of_a_ratio_of_sums():
    counts = [(9, 10), (4, 6), (12, 12), (3, 9), (7, 8)]
    found, labelled = np.array(counts, float).T
    ratio = found.sum() / labelled.sum()
    values = pooled_values(rows(counts))["a/full", "0"]
    known = np.sqrt(((found - ratio * labelled) ** 2).sum() / 4 / 5) / labelled.mean()
    assert values.std(ddof=1) / np.sqrt(5) == pytest.approx(known)


def test_each_training_has_its_own_ratio_and_a_patient_may_have_nothing():
    one, two = rows([(5, 5), (2, 4)]), rows([(1, 5), (0, 4)], seed=1)
    missing = two[two["patient"] == "p0"]
    values = pooled_values(pd.concat([one, missing]))
    assert values.mean().tolist() == pytest.approx([7 / 9, 1 / 5])
