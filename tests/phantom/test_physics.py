import numpy as np
import pytest
import torch

from spinelib.phantom.physics import expose, heel
from spinelib.phantom.projection import FilmFrame

FRAME = FilmFrame(0.8, (-20.0, 40.0), 0, 0, 96, 64, (0.0, 0.0), 1500.0, 0.0)


def exposed(attenuation, seed=0):
    return expose(attenuation, FRAME, np.random.default_rng(seed), torch.Generator().manual_seed(seed))


def test_more_attenuation_gives_a_brighter_film():
    attenuation = torch.full((96, 64), 1.0)
    attenuation[:, 32:] = 2.5
    signal = exposed(attenuation)
    assert torch.isfinite(signal).all()
    assert signal[:, 44:].mean() > signal[:, :20].mean() + 0.5


def test_noise_is_that_of_the_generator_alone():
    attenuation = torch.full((96, 64), 2.0)
    assert torch.equal(exposed(attenuation), exposed(attenuation))
    other = expose(attenuation, FRAME, np.random.default_rng(0), torch.Generator().manual_seed(9))
    assert not torch.equal(exposed(attenuation), other)


def test_the_beam_is_uneven_and_never_dark():
    beam = heel((96, 64), np.random.default_rng(3))
    assert beam.shape == (96, 64)
    assert beam.min() > 0
    assert beam[47:49, 31:33].mean().item() == pytest.approx(1, abs=0.05)
    assert beam.std() > 0.01
