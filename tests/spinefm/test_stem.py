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


def test_of_colours_only_the_first_channel_counts_as_grey_is_repeated():
    stem, x = Stem(8, 24, 4), torch.rand(1, 3, 32, 32)
    other = x.clone()
    other[:, 1:] = 0
    assert torch.equal(stem(x), stem(other))


def test_its_blocks_begin_as_their_shortcuts():
    torch.manual_seed(0)
    block = Stem(8, 24, 8).blocks[0]
    x = torch.randn(1, 8, 16, 16)
    torch.testing.assert_close(block(x), torch.nn.functional.gelu(block.shortcut(x)))
