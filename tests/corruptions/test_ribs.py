import torch

from spinelib.corruptions.ribs import PAIRS, ribs

from .scenes import scene


def test_bands_are_brighter_never_darker_and_grow_with_the_strength():
    grey = torch.full((1, 1, 300, 160), 0.3)
    faint, strong = (ribs(grey, strength, scene(grey)) - grey for strength in (0.1, 0.3))
    assert faint.min() >= 0
    assert torch.allclose(3 * faint, strong, atol=1e-6)
    assert strong.max() <= 0.3 + 1e-6


def test_a_line_down_the_film_meets_every_pair():
    grey = torch.zeros(1, 1, 600, 160)
    lit = ribs(grey, 1.0, scene(grey))[0, 0, :, 80] > 0.35
    assert (lit[1:] & ~lit[:-1]).sum() == PAIRS
