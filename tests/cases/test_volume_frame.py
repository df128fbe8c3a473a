"""Where volumes lie on the grid: the kept half, padding, cutting, and the way back."""

import numpy as np
import pytest
import torch

from spinelib.cases.volume_frame import frame_of, native_labels, place, to_native


def ramp(shape, axis):
    view = [1, 1, 1]
    view[axis] = shape[axis]
    return np.broadcast_to(np.arange(shape[axis], dtype=np.float32).reshape(view), shape)


def test_the_middle_half_from_front_to_back_is_kept():
    frame = place((5, 40, 80), (5, 40, 40))
    assert frame.scale == (1, 1, 1)
    columns = frame.resample(ramp((5, 40, 80), 2))[2, 20]
    assert np.allclose(columns, np.arange(20, 60))
    assert [int(kept.sum()) for kept in frame.kept()] == [5, 40, 40]


@pytest.mark.parametrize(("depth", "first", "count"), [(3, 2, 3), (8, 0, 8), (11, 0, 8)])
def test_slices_are_padded_or_cut_in_the_middle(depth, first, count):
    frame = place((depth, 32, 32), (8, 32, 16))
    shown = np.flatnonzero(frame.inside()[:, 0, 0])
    assert (shown[0], len(shown)) == (first, count)
    values = frame.resample(ramp((depth, 32, 32), 0) + 1)[:, 5, 5]
    assert (values[shown] > 0).all()
    lost = (depth - 8) // 2 + (depth - 8) % 2 if depth > 8 else 0
    assert values[shown[0]] == lost + 1


def test_many_thin_slices_are_resampled_so_that_none_is_lost():
    frame = place((40, 32, 32), (10, 32, 16))
    values = frame.resample(ramp((40, 32, 32), 0))[:, 5, 5]
    assert values[0] < 3
    assert values[-1] > 36
    assert np.allclose(np.diff(values)[1:-1], 4, atol=0.2)


def test_labels_land_where_the_image_does():
    labels = np.zeros((6, 50, 60), np.uint8)
    labels[2:4, 20:30, 28:34] = 3
    frame = place(labels.shape, (8, 100, 60))
    image = frame.resample(labels.astype(np.float32) * 10)
    assert np.array_equal(frame.nearest(labels) == 3, image > 15)
    assert set(np.unique(frame.nearest(labels))) == {0, 3}


@pytest.mark.parametrize("grid", [(8, 64, 32), (12, 40, 20), (4, 96, 64)])
@pytest.mark.parametrize("native", [(6, 50, 48), (9, 33, 61), (21, 40, 40)])
def test_there_and_back_is_the_same_place(native, grid):
    frame = frame_of(place(native, grid).row(), grid)
    assert frame == place(native, grid)
    inside = tuple(slice(*np.flatnonzero(kept)[[0, -1]] + [1, 0]) for kept in frame.kept())
    for axis in range(3):
        values = np.zeros((2, *grid), np.float32)
        values[1] = (ramp(grid, axis) - frame.offset[axis]) / frame.scale[axis]
        found = to_native(values, frame.row())[1]
        expected = ramp(native, axis)
        step = 1 / frame.scale[axis]
        assert np.abs(found - expected)[inside].max() <= max(0.51 * step, 0.01)


def test_outside_of_what_the_network_sees_is_background():
    frame = place((12, 40, 40), (8, 40, 20))
    values = np.zeros((3, 8, 40, 20), np.float32)
    values[2] = 1
    back = to_native(values, frame.row())
    labels = native_labels(values, frame.row())
    assert (back.argmax(0) == labels).all()
    assert (labels[2:10, :, 10:30] == 2).all()
    assert labels.sum() == 2 * 8 * 40 * 20
    assert (back[0][labels == 0] == 1).all()


def test_tensors_stay_tensors():
    frame = place((6, 40, 40), (8, 32, 20))
    values = torch.rand(3, 8, 32, 20, dtype=torch.float64)
    back = to_native(values, frame.row())
    assert back.dtype == torch.float64
    assert np.allclose(back.numpy(), to_native(values.numpy(), frame.row()))
    assert np.array_equal(native_labels(values, frame.row()), back.argmax(0).numpy())


def test_other_shapes_are_refused():
    with pytest.raises(ValueError, match="9 numbers"):
        frame_of(np.zeros(5), (8, 32, 16))
    with pytest.raises(ValueError, match="C, D, H, W"):
        to_native(np.zeros((8, 32, 16)), place((6, 40, 40), (8, 32, 16)).row())
