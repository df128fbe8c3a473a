"""Which voxels are asked, what their maps come to, and networks that have nothing to show."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from spinelib import protocol
from spinelib.cases import CaseArrays
from spinelib.models import build_model
from spinelib.questions import inside_safnet

CLASSES = ("L4", "L3", "L3/L4")


@pytest.fixture(scope="module")
def volumes():
    """Two volumes: L4 below L3 with their disc between, in slices 1 and 2, most of it in slice 2."""
    labels = np.zeros((2, 3, 64, 40), np.uint8)
    labels[:, 1:, 50:60, 20:30] = 1
    labels[:, 2, 10:30, 20:30] = 2
    labels[:, 2, 30:36, 20:30] = 3
    images = np.random.default_rng(0).integers(1, 255, (2, 1, 3, 64, 40)).astype(np.uint8)
    table = pd.DataFrame({"case": ["a", "b"]})
    spacing = np.full((2, 3), (4.0, 1.0, 1.0), np.float32)
    frames = np.zeros((2, 9), np.float32)
    corners = np.zeros((2, 0, 4, 2), np.float32)
    return CaseArrays(table, images, labels, CLASSES, {}, corners, frames, spacing, "d")


@pytest.fixture(scope="module")
def run():
    return SimpleNamespace(device=torch.device("cpu"), parameters={"method": "safnet", "grid": [3, 64, 40]})


def safnet(variant="full"):
    torch.manual_seed(0)
    return build_model("safnet", variant, classes=3, width=0.125)


def test_a_vertebra_a_disc_and_the_front_are_asked(volumes):
    asked = inside_safnet.queries(volumes, 0)
    assert list(asked) == ["L3", "L3/L4", "in front of the spine"]
    labels = volumes.labels[0]
    assert [int(labels[voxel]) for voxel in asked.values()] == [2, 3, 0]
    assert {d for d, _, _ in asked.values()} == {2}
    assert asked["in front of the spine"][2] < 20


def test_nothing_is_asked_of_a_volume_without_labels(volumes):
    blank = CaseArrays(**{**vars(volumes), "labels": np.zeros_like(volumes.labels)})
    assert inside_safnet.queries(blank, 0) == {}


def test_every_voxel_has_a_map_on_the_cells(run, volumes):
    asked = inside_safnet.queries(volumes, 1)
    looks = inside_safnet.voxel_looks(run, safnet(), volumes, 1, asked)
    assert list(looks) == list(asked)
    assert all(look.shape == (3, 4, 3) for look in looks.values())
    assert all(look.sum() == pytest.approx(1, abs=1e-5) for look in looks.values())


def test_channels_and_gates(run, volumes):
    network = safnet()
    assert inside_safnet.channel_looks(run, network, volumes, 0).shape == (16, 16)
    found = inside_safnet.channel_gates(run, network, volumes, np.array([0, 1]))
    assert found.shape == (2, 16)
    assert 0 < found.min() < found.max() < 1
    assert inside_safnet.factors(network) == {
        "position attention": pytest.approx(0.1),
        "channel attention": pytest.approx(0.1),
    }


def test_a_network_without_attention_shows_nothing(run, volumes):
    asked = inside_safnet.queries(volumes, 0)
    for network in (safnet("base"), build_model("unet3d", classes=3, width=0.25)):
        assert inside_safnet.voxel_looks(run, network, volumes, 0, asked) == {}
        assert inside_safnet.channel_looks(run, network, volumes, 0) is None
        assert inside_safnet.factors(network) == {}
    assert inside_safnet.channel_gates(run, build_model("unet3d", width=0.25), volumes, np.array([0])) is None
    assert inside_safnet.look_table(volumes, 0, asked, {"before": {}}).empty


def test_an_even_map_knows_nothing(volumes):
    asked = inside_safnet.queries(volumes, 0)
    even = {name: np.full((3, 4, 3), 1 / 36) for name in asked}
    table = inside_safnet.look_table(volumes, 0, asked, {"even": even})
    assert table["voxel in"].tolist() == list(asked)
    assert (table[["own structure", "spine", "own slice", "distance"]] == 1).all(axis=None)
    assert table["cells"].tolist() == ["36 of 36"] * 3


def test_a_map_of_one_cell_is_where_that_cell_is(volumes):
    d, h, w = voxel = inside_safnet.queries(volumes, 0)["L3"]
    sharp = np.zeros((3, 4, 3))
    sharp[d, h // 16, w // 16] = 1
    row = inside_safnet.look_table(volumes, 0, {"L3": voxel}, {"sharp": {"L3": sharp}}).iloc[0]
    # All of L3 is in one slice of three.
    assert row["own slice"] == 3
    assert row["distance"] < 0.5
    inside = (volumes.labels[0] == 2)[d, h // 16 * 16 : h // 16 * 16 + 16, w // 16 * 16 : w // 16 * 16 + 16].mean()
    # Padded to 48 columns, L3 fills 200 of 3 x 64 x 48 voxels.
    assert row["own structure"] == pytest.approx(inside / (200 / (3 * 64 * 48)), abs=0.01)
    assert row["cells"] == "1 of 36"


def test_a_settled_copy_knows_its_inputs_and_leaves_the_network_alone(run, volumes):
    network = safnet().train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    state = torch.random.get_rng_state()
    inputs = protocol.inputs(run, volumes, np.array([0, 1]))
    copy = inside_safnet.with_norm_statistics(network, inputs)
    assert copy.training
    assert torch.equal(torch.random.get_rng_state(), state)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    first = next(part for part in copy.modules() if isinstance(part, nn.BatchNorm3d))
    with torch.no_grad():
        seen = copy.features.stem[0][0](nn.functional.pad(inputs, (0, 8, 0, 0, 0, 0), mode="replicate"))
    torch.testing.assert_close(first.running_mean, seen.mean((0, 2, 3, 4)), rtol=1e-4, atol=1e-5)
