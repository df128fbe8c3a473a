"""How far the scores of the views lie apart, and what of it is chance."""

import numpy as np
import pandas as pd
import pytest

from spinelib.questions.learning.spread import view_spread, view_spread_rows
from spinelib.runs.tables import CASE_COLUMNS
from tests.questions.learning.made import cases, row


def viewed(shift, spread=0.02, patients=40, seed=0):
    random = np.random.default_rng(seed)
    noise = random.normal(0, spread, (patients, 3))
    views = ("left_bending", "coronal", "right_bending")
    return cases(
        [
            row("unet", f"p{i:02d}", 0.8 + noise[i, k] + shift * (k - 1), view=view)
            for i in range(patients)
            for k, view in enumerate(views)
        ]
    )


def test_views_that_differ_are_told_from_chance():
    far, alike = (view_spread(viewed(shift), "phantom", "spine").iloc[0] for shift in (0.05, 0.0))
    assert far["between views"] == pytest.approx(0.05, abs=0.01)
    assert far["low"] < far["between views"] < far["high"]
    assert far["low"] > 0.03
    assert far["p"] < 0.01
    assert far["worst view"].startswith("left_bending")
    assert alike["between views"] < 0.01
    # Of independent views the spread of three means is about their standard error.
    assert alike["chance"] == pytest.approx(0.02 / np.sqrt(40), rel=0.3)
    assert far["within patients"] > alike["within patients"]
    one = cases([row("unet", p, 0.5) for p in "abc"])
    assert view_spread(one, "phantom", "spine").empty


def test_p_of_equal_views_is_uniform():
    found = [view_spread(viewed(0, patients=12, seed=k), "phantom", "spine")["p"].iloc[0] for k in range(60)]
    assert np.mean(found) == pytest.approx(0.5, abs=0.12)
    assert 0.005 < np.mean(np.asarray(found) < 0.2) < 0.4


def test_a_patients_own_spread_is_a_row():
    table = cases([row("unet", "a", value, view=view) for view, value in (("x", 0.5), ("y", 0.7))])
    lonely = cases([row("unet", "b", 0.9, view="x")])
    found = view_spread_rows(pd.concat([table, lonely]))
    assert found["patient"].tolist() == ["a"]
    assert found["value"].iloc[0] == pytest.approx(np.std([0.5, 0.7], ddof=1))
    assert found["metric"].iloc[0] == "dice_view_sd"
    assert list(found.columns) == CASE_COLUMNS
