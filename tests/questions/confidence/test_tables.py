"""Calibration by patient, and what entropy tells of the error."""

import numpy as np
import pandas as pd
import pytest

from spinelib.questions.confidence.asked import SUMS
from spinelib.questions.confidence.reliability import BINS
from spinelib.questions.confidence.tables import (
    confidence_board,
    patient_confidence,
    rank_correlation,
    shown_board,
    told,
)


def row(name, patient, run="a", case="1", confidence=0.9, right=0.9, dice=0.8, entropy=0.2):
    bins = np.zeros((BINS, 3))
    bins[int(confidence * BINS)] = [100, 100 * confidence, 100 * right]
    about = {"dataset": "d", "name": name, "run": run, "case": case, "patient": patient, "dice": dice}
    about |= {"entropy": entropy, "separation": 0.7, "brier": 0.1}
    return {**about, **dict(zip(SUMS, bins.T.ravel(), strict=True))}


@pytest.fixture
def asked():
    """Eight patients: `good` knows how sure to be and when it is wrong, `bold` does not."""
    rows = []
    for k in range(8):
        rows += [row("good/full", f"p{k}", right=0.9 + k / 1000, dice=0.9 - k / 50, entropy=0.1 + k / 100)]
        mixed = 0.1 + (k * 5 % 8) / 100
        rows += [row("bold/full", f"p{k}", run, right=0.6, dice=0.9 - k / 50, entropy=mixed) for run in "ab"]
    return pd.DataFrame(rows)


def test_the_patient_is_the_unit_and_seeds_are_averaged(asked):
    patients = patient_confidence(asked)
    assert len(patients) == 16
    bold = patients[patients["name"] == "bold/full"]
    assert bold["calibration_error"].tolist() == pytest.approx([0.3] * 8)
    assert bold["overconfidence"].tolist() == pytest.approx([0.3] * 8)


def test_too_sure_in_one_film_and_too_modest_in_another_is_one_patients_sum():
    two = pd.DataFrame([row("x/full", "p", case="1", right=0.8), row("x/full", "p", case="2", right=1.0)])
    assert patient_confidence(two)["calibration_error"].tolist() == pytest.approx([0.0])


def test_where_no_network_could_be_asked_there_is_no_patient(asked):
    assert patient_confidence(asked[:0]).columns.tolist() == patient_confidence(asked).columns.tolist()


def test_the_board_has_the_best_calibrated_first_and_says_what_entropy_tells(asked):
    board = confidence_board(patient_confidence(asked), "d")
    assert board["name"].tolist() == ["good/full", "bold/full"]
    assert board["rank_correlation"].iloc[0] == pytest.approx(1)
    assert board["rank_correlation_low"].iloc[1] < 0.5
    assert shown_board(board).loc["bold/full", "calibration error %"].startswith("30.0 [")
    said = told(board, "d")
    assert "good/full is calibrated best" in said
    assert "1 of 2 entries are surer than they are right" in said
    assert told(board[:0], "d") == "d: no network could be asked again."


def test_a_correlation_of_too_few_or_of_equal_values_is_not_known():
    assert np.isnan(rank_correlation([1, 2, 3], [1, 2, 3])).all()
    assert np.isnan(rank_correlation([1, 1, 1, 1], [1, 2, 3, 4])).all()
    assert rank_correlation(range(20), range(20)) == pytest.approx((1, 1, 1))
