"""Features of boxes against torchvision's own."""

import pytest
import torch
from torchvision.ops import MultiScaleRoIAlign

from spinelib.spinefm.roi_align import PyramidRoIAlign

SHAPES = [(96, 64), (96, 64)]


def pyramid(seed, dtype=torch.float32):
    torch.manual_seed(seed)
    return {str(i): torch.randn(2, 8, 24 >> i, 16 >> i).to(dtype).requires_grad_() for i in range(3)}


def boxes(seed):
    torch.manual_seed(seed)
    found = []
    for count in (5, 9):
        # Of a pixel to several images, some beyond the border: every level, and samples outside.
        centre, side = torch.rand(count, 2) * torch.tensor([64, 96]), 2 ** (9 * torch.rand(count, 2))
        found.append(torch.cat([centre - side / 2, centre + side / 2], 1))
    return found


@pytest.mark.parametrize(("size", "samples"), [(7, 2), (14, 2), (3, 1)])
def test_the_features_and_gradients_of_torchvision(size, samples):
    ours, theirs = pyramid(0), pyramid(0)
    found = PyramidRoIAlign(["0", "1", "2"], size, samples)(ours, boxes(1), SHAPES)
    expected = MultiScaleRoIAlign(["0", "1", "2"], size, samples)(theirs, boxes(1), SHAPES)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)
    upstream = torch.randn_like(found)
    found.backward(upstream)
    expected.backward(upstream)
    for name in ours:
        torch.testing.assert_close(ours[name].grad, theirs[name].grad, atol=1e-4, rtol=1e-4)


def test_no_boxes_and_half_precision():
    align = PyramidRoIAlign(["0", "1", "2"], 7, 2)
    assert align(pyramid(0), [torch.zeros(0, 4)] * 2, SHAPES).shape == (0, 8, 7, 7)
    rough = align(pyramid(0, torch.bfloat16), boxes(1), SHAPES)
    assert rough.dtype == torch.bfloat16
    exact = align(pyramid(0), boxes(1), SHAPES)
    assert (rough.float() - exact).abs().max() < 0.05
