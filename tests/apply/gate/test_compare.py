"""How far answers are from the truth: films by their angle, sides by names, volumes by Dice."""

from types import SimpleNamespace

import numpy as np
import pytest

from spinelib.apply.gate.compare import compare_film, compare_side, compare_volume
from spinelib.apply.gate.made import MadePicture


def made(labels, **facts):
    return MadePicture("film", "p", np.zeros((60, 30), np.uint8), True, labels=labels, **facts)


def squares(numbers):
    """Squares of 8 px one below the other with these numbers."""
    labels = np.zeros((60, 30), np.uint8)
    for k, number in enumerate(numbers):
        labels[2 + 10 * k : 10 + 10 * k, 10:18] = number
    return labels


def test_a_film_has_the_error_of_its_largest_angle_and_the_dice_of_its_spine():
    labels = squares((1, 1, 1))
    reading = SimpleNamespace(known=True, angles=np.array([17.0, 5.0, 3.0]))
    answer = SimpleNamespace(reading=reading, labels=np.where(np.arange(60)[:, None] < 20, labels, 0))
    error, dice = compare_film(answer, made(labels, angle=20.0))
    assert error == 3
    assert dice == pytest.approx(4 / 5)
    answer.reading.known = False
    assert np.isnan(compare_film(answer, made(None))).all()


@pytest.mark.parametrize(
    ("read", "error"), [((2, 3, 4, 5), 0), ((2, 3, 4), 0.25), ((3, 4, 5, 6), 1), ((2, 3, 101, 102), 0.5)]
)
def test_a_film_from_the_side_is_right_where_every_vertebra_has_its_own_name(read, error):
    found = compare_side(SimpleNamespace(labels=squares(read)), made(squares((2, 3, 4, 5))))
    assert found == pytest.approx((error, min(len(read), 4) / 4))


def test_nobody_has_to_find_a_sliver_at_the_border():
    labels = squares((2, 3, 4, 5))
    labels[58:, 10:14] = 6
    assert compare_side(SimpleNamespace(labels=squares((2, 3, 4, 5))), made(labels))[0] == 0


def test_a_volume_has_the_mean_dice_of_the_structures_that_are_labelled():
    labels, read = squares((1, 2, 3)), squares((1, 2, 4))
    assert compare_volume(SimpleNamespace(labels=read), made(labels)) == pytest.approx((1 / 3, 2 / 3))
    assert compare_volume(SimpleNamespace(labels=read), made(squares((1, 2)))) == pytest.approx((0, 1))


@pytest.mark.parametrize("compare", [compare_side, compare_volume])
def test_without_labels_nothing_is_known(compare):
    assert np.isnan(compare(SimpleNamespace(labels=squares((2, 3))), made(None))).all()
    assert np.isnan(compare(SimpleNamespace(labels=squares((2, 3))), made(squares(())))).all()
