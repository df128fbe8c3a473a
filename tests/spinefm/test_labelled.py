"""Films with numbered vertebrae: numbers, centres, ends, and sizes that are the squares' own."""

from dataclasses import replace

import numpy as np
import pytest

from spinelib.core.errors import BadInput
from spinelib.spinefm.labelled import labelled

from .made import SIZE, STEP, coronal, lateral


def test_vertebrae_are_numbered_from_above_and_their_centres_are_those_of_the_masks():
    data = labelled(lateral(("C2", "C3", "C4", "C5")))
    assert data.grid == (60, 48)
    assert data.numbers[0, 10:16, 20:26].tolist() == np.full((SIZE, SIZE), 1).tolist()
    assert data.numbers[0, 10 + 3 * STEP, 20] == 4
    middle = 20 + (SIZE - 1) / 2
    expected = [(middle, 10 + STEP * k + (SIZE - 1) / 2) for k in range(4)]
    np.testing.assert_allclose(data.centres[0], expected)


def test_a_landmark_closes_its_end_and_the_other_one_stays_open():
    data = labelled(lateral(("C2", "C3", "C4")))
    np.testing.assert_allclose(data.ends[0, 0], data.centres[0][0])
    assert np.isnan(data.ends[0, 1]).all()
    assert data.closed.tolist() == [[True, False]]


def test_ends_beyond_t1_and_l5_are_one_step_on_and_close_nothing():
    data = labelled(coronal())
    assert len(data.centres[0]) == 17
    first, last = data.centres[0][0], data.centres[0][-1]
    step = np.array([0, STEP])
    np.testing.assert_allclose(data.ends[0], [first - step, last + step], atol=0.5)
    assert data.closed.tolist() == [[False, False]]


def test_items_and_sides_are_of_vertebrae_that_have_a_mask():
    whole = lateral(("C2", "C3", "C4", "C5"), count=2)
    whole.labels[1, whole.labels[1] == 2] = 0
    data = labelled(whole)
    assert np.isnan(data.centres[1][1]).all()
    assert data.items(np.array([1])).tolist() == [[1, 0], [1, 2], [1, 3]]
    assert data.areas[1].tolist() == [36, 0, 36, 36]
    assert data.side(np.array([0, 1])) == SIZE
    assert data.items(np.array([], int)).shape == (0, 2)


def test_films_without_a_vertebra_have_no_side():
    data = lateral(("C2", "C3"))
    empty = labelled(replace(data, labels=np.zeros_like(data.labels)))
    for index in (np.array([0]), np.array([], int)):
        with pytest.raises(BadInput, match="have no labelled vertebra"):
            empty.side(index)


def test_colours_are_averaged_and_every_part_decides_the_digest():
    data = lateral(("C2", "C3"))
    coloured = replace(data, images=np.stack([np.full(data.labels.shape, v, np.uint8) for v in (0, 30, 61)], 1))
    found = labelled(coloured)
    assert found.films.shape == (1, 1, 40, 48)
    assert set(found.films.ravel()) == {30}
    assert found.digest == labelled(coloured).digest
    other = replace(found, closed=~found.closed)
    assert len({found.digest, other.digest, labelled(data).digest}) == 3
