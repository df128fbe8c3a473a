"""Networks as a run's parameters say."""

import numpy as np
import pytest
import torch

from spinelib import protocol
from spinelib.cases import load_arrays
from spinelib.core.errors import BadInput
from spinelib.prediction.normalisation import input_channels
from spinelib.protocol import RunConfig
from tests.protocol.made import a_run, arrays
from tests.protocol.made_volumes import GRID, volume_run


def test_options_reach_the_network_and_name_the_variant(tmp_path):
    run = a_run(tmp_path, method="r2mfnet", width=0.125, options=["steps=3", "detach=true"])
    assert RunConfig.of(run).keywords == {"steps": 3, "detach": True}
    assert RunConfig.of(run).entry == ("r2mfnet", "full_steps3_detachtrue_float32")
    network = protocol.model(run, arrays())
    assert network.detach
    assert network.coarse.skips[0].jump.steps == 3


def test_an_unknown_option_names_the_closest(tmp_path):
    with pytest.raises(BadInput, match="steps"):
        protocol.model(a_run(tmp_path, method="r2mfnet", options=["step=3"]), arrays())


def test_the_same_seed_builds_the_same_network(tmp_path):
    a, b = (protocol.model(a_run(tmp_path), arrays()) for _ in range(2))
    assert all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


def test_a_method_for_films_is_refused(shared, tmp_path):
    arrays = load_arrays(shared / "phantom_mr", GRID)
    with pytest.raises(BadInput, match="unet is made for films, and these data are volumes") as error:
        protocol.model(volume_run(shared, tmp_path, method="unet"), arrays)
    assert "unet3d" in str(error.value)
    with pytest.raises(BadInput, match="unet3d"):
        protocol.model(volume_run(shared, tmp_path, method="unet33d"), arrays)


def test_local_contrast_is_a_channel_more_and_the_grid_is_the_run_s_own(tmp_path):
    changes = ({"local": False}, {"local": True}, {"own_grid": [64, 48]})
    shapes = [protocol.input_shape(a_run(tmp_path, **change), arrays()) for change in changes]
    channels = input_channels(1, True)
    assert shapes == [(1, 32, 16), (channels, 32, 16), (channels, 64, 48)]
    assert channels > 1


def test_the_network_sees_films_of_mean_zero(tmp_path):
    data = arrays()
    run = a_run(tmp_path, local=False)
    seen = protocol.inputs(run, data, np.array([1, 4]))
    assert seen.shape == (2, *protocol.input_shape(run, data))
    torch.testing.assert_close(seen.mean((1, 2, 3)), torch.zeros(2), atol=1e-4, rtol=0)
    torch.testing.assert_close(seen.std((1, 2, 3), unbiased=False), torch.ones(2), atol=1e-2, rtol=0)
    assert protocol.inputs(a_run(tmp_path), data, np.array([1])).shape[1] == input_channels(1, True)
