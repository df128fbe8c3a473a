"""The convolutional stem of a small SAM."""

import pytest
import torch

from spinelib.spinefm.stem import Stem


def test_the_stem_gives_one_token_per_patch_of_the_encoder():
    torch.manual_seed(0)
    stem = Stem(8, 24, 8)
    grey_patch = torch.rand(2, 1, 64, 64).expand(-1, 3, -1, -1)
    tokens = stem(grey_patch)
    assert tokens.shape == (2, 8, 8, 24)
    assert Stem(8, 24, 4)(grey_patch).shape == (2, 16, 16, 24)
    for stride in (2, 6):
        with pytest.raises(ValueError, match="no power of two"):
            Stem(8, 24, stride)
