import numpy as np
import pytest
import torch

from spinelib.phantom.plates import plate, signed_distance


def test_signed_distance_is_that_of_a_square():
    ring = torch.tensor([[2.0, 2.0], [8.0, 2.0], [8.0, 8.0], [2.0, 8.0]])
    depth = signed_distance(ring, (0, 0, 12, 12))
    assert depth[5, 5] == 3
    assert depth[5, 3] == 1
    assert depth[5, 0] == -2
    assert depth[11, 11] == pytest.approx(-(18**0.5))


def test_a_plate_fills_its_outline_and_nothing_off_the_film():
    canvas = torch.zeros(20, 20)
    plate(canvas, np.array([[4.0, 4.0], [14.0, 4.0], [14.0, 14.0], [4.0, 14.0]]), 1.0, 0.0, 0.6)
    assert canvas[9, 9] == 1
    assert canvas[0].abs().max() == 0
    assert canvas.sum() == pytest.approx(100, rel=0.15)
    plate(canvas, np.array([[40.0, 40.0], [50.0, 40.0], [50.0, 50.0]]), 1.0, 1.0, 0.6)
    before = canvas.clone()
    plate(canvas, np.array([[-9.0, -9.0], [-5.0, -9.0], [-5.0, -5.0]]), 1.0, 1.0, 0.6)
    assert torch.equal(before, canvas)
