from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spinelib.cases.arrays import CaseArrays


@pytest.fixture
def arrays():
    landmarks = np.full((3, 17, 4, 2), np.nan, np.float32)
    landmarks[0, 2] = [[12, 20], [16, 20], [12, 24], [16, 24]]
    return CaseArrays(
        table=pd.DataFrame({"case": ["a", "b", "c"]}),
        images=np.arange(3, dtype=np.uint8)[:, None, None, None] * np.ones((1, 1, 8, 6), np.uint8),
        labels=np.zeros((3, 8, 6), np.uint8),
        classes=("spine",),
        extra={"spine_column": np.ones((3, 8, 6), np.uint8)},
        landmarks=landmarks,
        frames=np.array([[2.0, 4.0, 2.0, 10, 5]] * 3, np.float32),
        spacing=np.full((3, 2), np.nan, np.float32),
        digest="0" * 16,
    )


def test_a_subset_by_positions_and_by_mask_is_the_same(arrays):
    by_mask, by_place = arrays.subset(np.array([True, False, True])), arrays.subset([0, 2])
    assert by_mask.table["case"].tolist() == by_place.table["case"].tolist() == ["a", "c"]
    assert by_mask.table.index.tolist() == [0, 1]
    assert by_mask.images[:, 0, 0, 0].tolist() == [0, 2]
    assert by_mask.digest == by_place.digest != arrays.digest
    assert arrays.subset([2, 0]).table["case"].tolist() == ["c", "a"]
    assert len(by_mask) == 2
    assert by_mask.grid == (8, 6)


def test_corners_go_back_to_native_pixels(arrays):
    native = arrays.native_landmarks()
    np.testing.assert_allclose(native[0, 2], [[5, 8], [7, 8], [5, 10], [7, 10]])
    assert np.isnan(native[1]).all()


def test_everything_is_known_unless_said_otherwise(arrays):
    assert arrays.known.tolist() == [[True]] * 3
    with pytest.raises(ValueError, match=r"known is \[2, 1\]"):
        replace(arrays, known=np.ones((2, 1), bool))


def test_places_go_with_their_cases_and_are_zero_where_nobody_knows(arrays):
    assert arrays.places.shape == (3, 9)
    assert not arrays.places.any()
    placed = replace(arrays, places=np.arange(27, dtype=np.float32).reshape(3, 9))
    assert placed.subset([2]).places[0, 0] == 18
    with pytest.raises(ValueError, match="places is"):
        replace(arrays, places=np.ones((2, 9), np.float32))
