import numpy as np
import pytest

from spinelib.cases.corners import check_corners, is_ordered

from .films import spine

SHAPE = (1000, 400)


def kinds(corners, shape=SHAPE):
    return [finding.kind for finding in check_corners(corners, shape)[1]]


@pytest.mark.parametrize("bend", [-120, 0, 60, 120])
def test_a_good_film_is_left_alone(bend):
    corners = spine(bend=bend)
    checked, findings = check_corners(corners, SHAPE)
    assert findings == []
    np.testing.assert_array_equal(checked, corners)


def test_a_top_vertebra_stored_last_moves_to_the_front():
    corners = spine(bend=50)
    checked, findings = check_corners(np.roll(corners, -1, 0), SHAPE)
    assert [finding.kind for finding in findings] == ["repaired"]
    np.testing.assert_array_equal(checked, corners)


@pytest.mark.parametrize("order", [[2, 3, 0, 1], [1, 0, 3, 2], [3, 2, 1, 0], [0, 1, 3, 2], [2, 0, 3, 1], [0, 3, 2, 1]])
@pytest.mark.parametrize("vertebra", [0, 8, 16])
def test_corners_in_another_order_are_put_right(order, vertebra):
    corners = spine(bend=50)
    wrong = corners.copy()
    wrong[vertebra] = wrong[vertebra, order]
    assert not is_ordered(wrong[vertebra])
    checked, findings = check_corners(wrong, SHAPE)
    assert [finding.kind for finding in findings] == ["repaired"]
    np.testing.assert_array_equal(checked, corners)


def test_tilted_vertebrae_are_put_right_too():
    corners = spine(bend=0)
    turn = np.radians(50)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    centre = corners[5:10].mean(1, keepdims=True)
    corners[5:10] = (corners[5:10] - centre) @ rotation.T + centre
    wrong = corners.copy()
    wrong[7] = wrong[7, [2, 3, 0, 1]]
    np.testing.assert_array_equal(check_corners(wrong, SHAPE)[0], corners)


def test_corners_that_coincide_are_broken_not_guessed():
    corners = spine()
    corners[4, 3] = corners[4, 2] + (1, -1)
    checked, findings = check_corners(corners, SHAPE)
    assert "broken" in [finding.kind for finding in findings]
    assert "T5" in findings[0].text
    np.testing.assert_array_equal(checked, corners)
    corners[4, 3] = corners[4, 2] + (1, 1)
    findings = check_corners(corners, SHAPE)[1]
    assert [finding.text for finding in findings] == ["two corners of T5 nearly coincide"]


@pytest.mark.parametrize("size", [0.1, 4.0])
def test_a_vertebra_of_another_size_is_broken(size):
    corners = spine()
    centre = corners[8].mean(0)
    corners[8] = (corners[8] - centre) * size + centre
    assert "broken" in kinds(corners)


def test_a_vertebra_labelled_twice_is_noted():
    corners = spine()
    corners[16] = corners[15] + 3
    findings = check_corners(corners, SHAPE)[1]
    assert [finding.kind for finding in findings] == ["minor"]
    assert "L4 and L5 mark one vertebra" in findings[0].text


def test_vertebrae_in_another_sequence_are_broken():
    assert "broken" in kinds(spine()[[0, 1, 2, 5, 4, 3, *range(6, 17)]])


def test_a_few_pixels_outside_are_noted_and_many_are_broken():
    assert kinds(spine(), (965, 400)) == []
    low = spine()[-1, 2, 1]
    assert kinds(spine(), (int(low) - 10, 400)) == ["minor"]
    assert "broken" in kinds(spine(), (500, 400))


def test_corners_as_fractions_of_the_film_are_broken():
    assert kinds(spine() / (400, 1000)) == ["broken"]


def test_unknown_vertebrae_are_passed_over():
    corners = spine()
    corners[[0, 9]] = np.nan
    assert kinds(corners) == []
