import pytest
import torch

from spinelib.phantom.ribbons import flat, pockets, ribbons, splat


def test_a_ribbon_has_its_area():
    canvas = torch.zeros(60, 80)
    points = torch.tensor([[[10.0, 20.0], [60.0, 20.0]]])
    ribbons(canvas, points, torch.full((1, 2), 4.0), torch.full((1, 2), 0.5), flat)
    assert canvas.sum().item() == pytest.approx(50 * 8 * 0.5, rel=0.03)
    assert canvas[20, 30].item() == pytest.approx(0.5, rel=0.1)
    assert canvas[30, 30] == 0


def test_splat_drops_what_is_off_the_canvas():
    canvas = torch.zeros(4, 5)
    splat(canvas, torch.tensor([1.25, -3.0, 4.5]), torch.tensor([2.0, 1.0, 3.0]), torch.ones(3))
    assert canvas[2, 1].item() == pytest.approx(0.75)
    assert canvas[2, 2].item() == pytest.approx(0.25)
    assert canvas[3, 4].item() == pytest.approx(0.5)
    assert canvas.sum().item() == pytest.approx(1.5)


def test_overlapping_pockets_count_once():
    canvas = torch.zeros(40, 40)
    centre = torch.tensor([[20.0, 20.0], [22.0, 20.0], [5.0, 5.0]])
    pockets(canvas, centre, torch.tensor([8.0, 8.0, 3.0]))
    assert canvas.max().item() == pytest.approx(16)
    assert canvas[20, 21].item() == pytest.approx(2 * (64 - 1) ** 0.5)
    assert canvas[5, 5].item() == pytest.approx(6)
    assert canvas[35, 35] == 0
