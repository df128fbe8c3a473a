"""Blocks with their linear steps multiplied out against the blocks themselves."""

import pytest
import torch
from torch import nn

from spinelib.models.mdwc_blocks import MSCAW
from spinelib.models.r2mf_blocks import R2Jump

from .made import learned


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_r2jump_multiplied_out(steps):
    block, x = learned(R2Jump(6, steps)).eval(), torch.randn(2, 6, 9, 7)
    torch.testing.assert_close(block.simplified()(x), block(x), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("options", [{}, {"filters": 3}, {"learned": False}, {"dynamic": True}, {"merge": "concat"}])
def test_mscaw_multiplied_out(options):
    block, x = learned(MSCAW(4, 6, **options)).eval(), torch.randn(2, 4, 9, 11)
    for vector in block.vectors:
        nn.init.normal_(vector)
    torch.testing.assert_close(block.simplified()(x), block(x), atol=1e-4, rtol=1e-4)
