import numpy as np
import pytest

from spinelib.measures.cobb.errors import image_errors
from spinelib.measures.registry import METRICS

REFERENCE = [[40.0, 20.0, 10.0], [30.0, 0.0, 30.0]]
PREDICTED = [[44.0, 17.0, 10.0], [30.0, 0.0, 18.0]]


def test_errors_of_each_image_by_hand():
    errors = image_errors(PREDICTED, REFERENCE)
    assert set(errors) <= set(METRICS)
    np.testing.assert_allclose(errors["cobb_error"], [4, 0])
    np.testing.assert_allclose(errors["angle_mae"], [7 / 3, 4])
    np.testing.assert_allclose(errors["smape"], [100 * 7 / 141, 100 * 12 / 108])
    np.testing.assert_allclose(errors["ed"], [5, 12])
    np.testing.assert_allclose(errors["md"], [7, 12])
    np.testing.assert_allclose(errors["cd"], [4, 12])


def test_the_circular_mean_is_near_the_plain_one_for_small_errors():
    errors = image_errors(PREDICTED, REFERENCE)
    off = np.radians([4, 3, 0])
    expected = np.degrees(np.arctan2(np.sin(off).mean(), np.cos(off).mean()))
    assert errors["cmae"][0] == pytest.approx(expected)
    np.testing.assert_allclose(errors["cmae"], errors["angle_mae"], atol=0.1)


def test_a_straight_spine_read_as_straight_is_no_error():
    assert image_errors([[0, 0, 0]], [[0, 0, 0]])["smape"].tolist() == [0]
    assert image_errors([[0, 0, 0]], [[20, 5, 0]])["smape"].tolist() == [100]


def test_unknown_angles_are_unknown_errors():
    predicted = np.array([*PREDICTED, [np.nan, 1, 1]])
    reference = np.array([*REFERENCE, [1.0, 1, 1]])
    assert np.isnan([values[2] for values in image_errors(predicted, reference).values()]).all()


@pytest.mark.parametrize(("p", "g"), [([[1, 2]], [[1, 2]]), ([[1, 2, 3]], [[1, 2, -3]]), ([1, 2, 3], [1, 2, 3])])
def test_what_is_no_angle_is_refused(p, g):
    with pytest.raises(ValueError, match="angles must"):
        image_errors(p, g)
