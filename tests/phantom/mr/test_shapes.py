import numpy as np
import pytest
import torch

from spinelib.phantom.mr.shapes import Body, Plate, smooth_minimum, wall


def body(**changes):
    usual = {
        "centre": np.zeros(3),
        "frame": np.eye(3),
        "half": np.array([24.0, 17.0, 14.0]),
        **dict.fromkeys(("taper", "wedge", "lean", "waist", "notch", "spur"), 0.0),
        "top": Plate(0.0),
        "bottom": Plate(0.0),
    }
    return Body(**{**usual, **changes})


def test_the_smooth_minimum_is_the_minimum_but_near_the_edge():
    a, b = torch.tensor([-3.0, 0.0, 1.0, 5.0]), torch.tensor([9.0, 9.0, 1.0, 9.0])
    found = smooth_minimum(a, b, 2.0)
    assert found[:2].tolist() == [-3.0, 0.0]
    assert found[2].item() == pytest.approx(2 - 2**0.5)
    assert found[3] == 2


def test_the_radius_of_a_body_is_one_on_its_axes():
    x, y = torch.tensor([24.0, 0.0, 12.0]), torch.tensor([0.0, 17.0, 0.0])
    r = body().across(x, y, 0.0)
    assert r.tolist() == pytest.approx([1, 1, 0.5], abs=1e-3)
    assert wall(x, y, r).tolist() == pytest.approx([0, 0, 12], abs=0.05)


def test_end_plates_are_hollow_and_sink_at_nodes():
    nodes = np.array([[15.0, 0.0, 4.0, 3.0]])
    middle, node, rim = (torch.tensor([float(value)]) for value in (0, 15, 0))
    flat = torch.zeros(1)
    one = body(top=Plate(1.5, nodes))
    assert one.level(middle, flat, torch.ones(1), 1).item() == pytest.approx(14)
    assert one.level(middle, flat, rim, 1).item() == pytest.approx(12.5)
    assert one.level(node, flat, torch.ones(1), 1).item() == pytest.approx(11)
    assert one.level(middle, flat, rim, -1).item() == pytest.approx(-14)
