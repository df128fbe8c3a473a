"""What a gate does to measured answers: statuses as one by one, risks beside chance and the best."""

import numpy as np
import pandas as pd
import pytest

from spinelib.apply.gate.answers import FILM_ANSWER
from spinelib.apply.gate.outcomes import (
    calibration_error,
    kinds_table,
    reliability,
    risk_areas,
    risk_curve,
    risk_table,
    with_outcomes,
)

from .gates import GOOD, gate


def rows(kind, bodies, errors, readable=True):
    facts = {"kind": kind, "patient": "p", "severity": 0, "readable": readable, "unseen": False, "answered": True}
    lines = [
        facts | {"angle": 20.0, "error": e, "dice": 1 - e / 50} | GOOD | {"bodies": b, "alone": 1 - e / 20}
        for b, e in zip(bodies, errors, strict=True)
    ]
    return pd.DataFrame(lines)


def parts():
    films = rows("film", (17, 17, 16, 15), (1.0, 2.0, 4.0, 12.0))
    noise = rows("noise", (4, 5), (np.nan, np.nan), False)
    noise.loc[1, "answered"] = False
    noise.loc[1, "bodies"] = np.nan
    return {"test": with_outcomes(gate(), pd.concat([films, noise], ignore_index=True))}


def test_answers_are_judged_as_one_by_one():
    test = parts()["test"]
    assert list(test["status"]) == ["ok", "ok", "ok", "doubtful", "refused", "refused"]
    assert test["confidence"].iloc[5] == test["chance"].iloc[5] == 0


def test_kinds_have_their_shares_and_how_well_they_are_told_from_films():
    table = kinds_table(FILM_ANSWER, parts()).set_index("kind")
    assert table.loc["film", ["ok", "doubtful", "refused", "n"]].tolist() == [0.75, 0.25, 0.0, 4]
    assert table.loc["noise", "refused"] == 1
    assert table.loc["noise", "auc"] == 1
    assert table.loc["film", "auc"] == 0.5


def test_confidence_that_ranks_errors_rightly_reaches_the_best_and_the_reverse_is_worse_than_chance():
    errors = np.array([1.0, 5.0, 2.0, 9.0])
    right, wrong = risk_areas(-errors, errors), risk_areas(errors, errors)
    assert right["aurc"] == pytest.approx(right["oracle"])
    assert right["oracle"] < right["chance"] < wrong["aurc"]
    assert right["chance"] == errors.mean()
    assert right["oracle"] == pytest.approx(np.mean([1, 1.5, 8 / 3, 17 / 4]))


def test_answers_of_equal_confidence_have_no_order():
    assert risk_curve([1, 1, 1], [0, 3, 6]) == pytest.approx([3, 3, 3])
    assert risk_areas(np.ones(3), [0, 3, 6])["aurc"] == 3


def test_the_table_of_risks_has_both_risks_and_both_ways_to_rank():
    table = risk_table(FILM_ANSWER, parts())
    films = table[table["group"] == "digital films"]
    assert set(zip(films["risk"], films["by"], strict=True)) == {
        (risk, by) for risk in ("error", "1 - dice") for by in ("gate", "reading")
    }
    assert (films["n"] == 4).all()
    assert films["aurc"].to_numpy() == pytest.approx(films["oracle"].to_numpy())


def test_reliability_counts_every_answer_once_and_sees_a_false_promise():
    draw = np.random.default_rng(0)
    confidence = draw.uniform(size=4000)
    right = draw.uniform(size=4000) < confidence
    table = reliability(confidence, right)
    assert table["n"].sum() == 4000
    assert table["confidence"].is_monotonic_increasing
    assert calibration_error(confidence, right) < 0.03
    assert calibration_error(np.full(4000, 0.9), right) == pytest.approx(0.4, abs=0.03)
