"""Joint training on all views against networks of one view."""

import pytest

from spinelib.questions import ablation
from tests.questions.ablation.made import VIEWS


def test_joint_training_is_judged_on_the_films_of_each_view(study):
    study.add("full", 0.80)
    for view in VIEWS:
        own = 0.70 if view == "coronal" else 0.80
        study.add("full", dict.fromkeys(VIEWS, 0.1) | {view: own}, steps=101, views=[view])
    study.add("full", 0.75, train_films=30)
    table = ablation.view_effects(study.folder, study.cases)
    steps = table[table["part"] == "joint training, as many steps"].set_index("view")
    assert steps.loc["coronal", "mean"] == pytest.approx(0.10, abs=0.005)
    assert steps.loc["coronal", "verdict"] == "one training"
    assert abs(steps.loc["left_bending", "mean"]) < 0.005
    assert steps.loc["all", "mean"] == pytest.approx(0.10 / 3, abs=0.005)
    films = table[table["part"] == "joint training, as many films"].set_index("view")
    assert films.loc["coronal", "mean"] == pytest.approx(0.05, abs=0.005)
    assert films.loc["right_bending", "high"] < 0
    assert steps.loc["coronal", "sentence"].startswith("Coronal films: with joint training, as many steps Dice is 0.10")
    # Such networks are no variants, and must not be averaged with the full model.
    assert len(study.add("no_scse", 0.80).effects()) == 1
    assert study.effects().loc["SCSE-Lite", "mean"] == pytest.approx(0.0, abs=0.005)
