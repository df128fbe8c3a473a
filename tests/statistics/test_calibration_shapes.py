"""What is drawn has the mean that the calibration takes as true."""

import numpy as np
import pytest

from spinelib.statistics.calibration_shapes import DIFFERENCES, FILMS, MEANS, draw_scores, true_mean


@pytest.mark.parametrize("shape", DIFFERENCES)
def test_differences_have_mean_zero(shape):
    drawn = DIFFERENCES[shape](np.random.default_rng(0), (20, 20_000))
    assert abs(drawn.mean()) < 4 * drawn.std() / drawn.size**0.5 + 1e-12


@pytest.mark.parametrize("shape", MEANS)
def test_scores_have_their_true_mean_and_rate(shape):
    drawn = draw_scores(np.random.default_rng(0), shape, 20, 20_000)
    patients = drawn.values.mean(axis=0)
    assert patients.mean() == pytest.approx(true_mean(shape), abs=4 * patients.std() / patients.size**0.5)
    assert drawn.missed.mean() == pytest.approx(MEANS[shape][1], abs=0.003)
    lost = drawn.missed == 1
    assert np.isnan(drawn.found[lost]).all()
    np.testing.assert_allclose(drawn.found[drawn.missed == 0], drawn.values[drawn.missed == 0])


def test_films_of_a_patient_are_missed_one_by_one():
    drawn = draw_scores(np.random.default_rng(0), "Dice of films 3%", len(FILMS), 4000)
    assert set(np.round(drawn.missed[-1] * FILMS[-1])) <= set(range(FILMS[-1] + 1))
    assert np.count_nonzero((drawn.missed[-1] > 0) & (drawn.missed[-1] < 1)) > 100
    # Values of a patient are those of what is found and of Dice 0 for what is missed.
    np.testing.assert_allclose(drawn.values, np.nan_to_num(drawn.found) * (1 - drawn.missed), atol=1e-12)
