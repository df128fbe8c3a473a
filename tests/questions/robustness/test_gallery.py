"""Corrupted cases for figures: one case under every corruption, and those that lost most."""

import numpy as np
import pytest

from spinelib.corruptions import CORRUPTIONS
from spinelib.questions import robustness
from spinelib.questions.robustness import degradation
from spinelib.questions.robustness.predict import chosen_cases, conditioned, score


def test_a_sheet_shows_one_case_clean_and_under_every_corruption_of_films(study, measured):
    tested, _, _ = measured
    films = [one for one in CORRUPTIONS.values() if one.fits(2)]
    sheet = robustness.sheet(tested[0], study / "data", list(CORRUPTIONS.values()), 3, 0)
    assert [case.title for case in sheet] == ["clean", *(one.title for one in films)]
    assert all(case.prediction is None and case.classes == ("spine",) for case in sheet)
    inverted = next(case for case in sheet if case.title == CORRUPTIONS["inverted"].title)
    inside = (sheet[0].image > 0) & (inverted.image > 0)
    assert np.corrcoef(sheet[0].image[inside], inverted.image[inside])[0, 1] < -0.99
    np.testing.assert_array_equal(inverted.reference, sheet[0].reference)


def test_the_cases_that_lost_most_are_those_that_were_measured(study, measured):
    tested, _, rows = measured
    worst = degradation.worst_cases(rows, 5)
    shown = robustness.worst_shown(worst, tested, study / "data", device="cpu")
    assert [case.title.split("\n")[0] for case in shown] == [CORRUPTIONS[name].title for name in worst["condition"]]
    cases = chosen_cases(tested, study / "data" / "phantom")
    for case, line in zip(shown, worst.itertuples(), strict=True):
        assert case.title.endswith(f"{line.clean:.2f} to {line.value:.2f}")
        assert score(case.prediction, case.reference, np.array([True]), True)[0] == pytest.approx(line.value, abs=1e-6)
        there = conditioned(cases, CORRUPTIONS[line.condition], 5, 0).cases
        index = list(there.table["case"]).index(line.case)
        np.testing.assert_array_equal(case.image, there.images[index])
