import pytest
import torch

from spinelib.core.errors import BadInput
from spinelib.spinefm.patches import PatchSizes, cut_patches, paste, resized_patches


def test_a_patch_has_its_point_in_the_middle_and_zeros_outside_the_film():
    films = torch.arange(1, 2 * 20 * 10 + 1).float().reshape(2, 1, 20, 10)
    which, points = torch.tensor([1, 0, 0]), torch.tensor([[4.2, 9.8], [0.0, 0.0], [99.0, 5.0]])
    inside, corner, beyond = cut_patches(films, which, points, 6)
    assert inside[0, 3, 3] == films[1, 0, 10, 4]
    torch.testing.assert_close(inside[0], films[1, 0, 7:13, 1:7])
    assert not corner[0, :3].any()
    torch.testing.assert_close(corner[0, 3:, 3:], films[0, 0, :3, :3])
    assert not beyond.any()


def test_what_was_cut_is_pasted_where_it_was_and_the_rest_has_the_smallest_logit():
    films = torch.randn(1, 1, 20, 10)
    points, which = torch.tensor([[4.0, 10.0], [9.0, 19.0], [-40.0, 3.0]]), torch.zeros(3, dtype=torch.int64)
    patches = cut_patches(films, which, points, 6)[:, 0]
    canvas = paste(patches, points, 6, (20, 10))
    torch.testing.assert_close(canvas[0, 7:13, 1:7], films[0, 0, 7:13, 1:7])
    assert (canvas[0, :7] == patches[0].min()).all()
    torch.testing.assert_close(canvas[1, 16:, 6:], films[0, 0, 16:, 6:])
    assert (canvas[2] == patches[2].min()).all()


def test_small_logits_are_resized_to_the_patch():
    canvas = paste(torch.full((1, 2, 2), 3.0), torch.tensor([[5.0, 5.0]]), 6, (12, 12))
    assert (canvas == 3).all()
    assert resized_patches(torch.rand(1, 1, 8, 8), 4).shape == (1, 1, 4, 4)


def test_sides_are_even_and_follow_the_vertebra():
    geometry = PatchSizes((256, 128), 12.0)
    assert (geometry.patch, geometry.view) == (32, 28)
    with pytest.raises(BadInput, match="does not fit the grid"):
        PatchSizes((64, 32), 40.0)
