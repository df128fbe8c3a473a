"""Better in every fold but one."""

import numpy as np
import pandas as pd
import pytest

from spinelib.questions.claims.folds import fold_contrast

LIMITS = (0.0, 1.0)


def rows(gains, seeds=(0, 1, 2), patients=12):
    """Rows of two entries: the first is better by a gain in each fold, its noise 0.01."""
    noise = np.random.default_rng(3)
    lines = []
    for fold, gain in enumerate(gains):
        for p in range(patients):
            level = noise.normal(0.7, 0.05)
            for seed in seeds:
                for name, more in (("a", gain), ("b", 0.0)):
                    value = level + more + 0.01 * noise.normal()
                    lines.append({"name": name, "fold": fold, "patient": f"{fold}-{p}", "seed": seed, "value": value})
    return pd.DataFrame(lines).assign(condition="none", severity=0)


def found(gains, **options):
    return fold_contrast(rows(gains, **options), "a", "b", LIMITS)


def test_one_fold_may_be_lost():
    line = found([0.1, 0.1, -0.1, 0.1, 0.1])
    assert line["low"] > 0
    assert line["p"] < 0.01
    assert line["mean"] == pytest.approx(0.1, abs=0.01)
    assert (line["n"], line["seeds"]) == (60, 3)


def test_two_lost_folds_speak_against_it():
    line = found([0.1, 0.1, -0.1, -0.1, 0.1])
    assert line["high"] < 0
    assert line["p"] < 0.05


def test_without_a_difference_nothing_is_said():
    line = found([0.0, 0.0, 0.0, 0.0, 0.0])
    assert line["low"] < 0 < line["high"]
    assert line["p"] > 0.05


def test_the_interval_and_p_say_the_same():
    for gains in ([0.02, 0.01, 0.0, 0.01, 0.02], [0.01] * 5, [0.1, 0.1, 0.1], [-0.01] * 4):
        line = found(gains)
        assert (line["p"] < 0.05) == (line["low"] > 0 or line["high"] < 0)


def test_one_training_has_no_p_and_two_folds_are_none():
    assert np.isnan(found([0.1, 0.1, 0.1], seeds=(0,))["p"])
    assert found([0.1, 0.1]) is None
