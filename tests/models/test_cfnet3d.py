"""3-D CFNet: its transitions between scales, its stages."""

import pytest
import torch

from spinelib.models.cfnet3d import CFNet3D, PyramidStage, Transition

from .made import noise


@pytest.mark.parametrize("merge", ["add", "concat"])
def test_a_transition_hears_every_scale(merge):
    stage, transition = PyramidStage((4, 8, 12)), Transition((4, 8, 12), merge)
    maps = stage(noise(1, 4, 2, 8, 8))
    assert [tuple(m.shape[1:]) for m in maps] == [(4, 2, 8, 8), (8, 2, 4, 4), (12, 2, 2, 2)]
    fused = transition(maps)
    assert fused.shape == maps[0].shape
    for level in range(3):
        silent = [m if i != level else torch.zeros_like(m) for i, m in enumerate(maps)]
        assert (transition(silent) - fused).abs().max() > 1e-4


def test_cfnet_has_as_many_stages_as_asked():
    assert len(CFNet3D(width=0.125, stages=2).transitions) == 1
