import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from spinelib.corruptions.filters import ROWS, masked_gaussian, per_image, pixels


def test_lengths_grow_with_the_grid():
    assert pixels(3.0, (ROWS, 100)) == 3.0
    assert pixels(3.0, (5, 2 * ROWS, 100)) == 6.0


def test_one_value_for_each_image():
    found = torch.ones(2, 1, 3, 4) * per_image(torch.tensor([2.0, 5.0]), torch.ones(2, 1, 3, 4))
    assert found[0].unique().tolist() == [2.0]
    assert found[1].unique().tolist() == [5.0]


@pytest.mark.parametrize("sigma", [0.8, 1.7, 3.0])
def test_a_blur_inside_the_film_is_that_of_scipy(sigma):
    image = torch.rand(1, 1, 60, 50, generator=torch.Generator().manual_seed(0))
    ours = masked_gaussian(image, sigma, torch.ones_like(image, dtype=torch.bool))[0, 0].numpy()
    theirs = gaussian_filter(image[0, 0].numpy(), sigma)
    np.testing.assert_allclose(ours[12:-12, 12:-12], theirs[12:-12, 12:-12], atol=0.03)


def test_nothing_flows_in_from_outside_of_the_film():
    image = torch.full((1, 1, 40, 40), 0.5)
    area = torch.ones_like(image, dtype=torch.bool)
    area[..., :10] = False
    image[..., :10] = 0
    blurred = masked_gaussian(image, 2.0, area)
    assert blurred[..., 10:].min().item() == pytest.approx(0.5, abs=1e-5)
    assert not blurred[..., :10].any()
