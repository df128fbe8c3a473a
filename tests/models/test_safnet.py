"""SAFNet: the stated shapes and sizes, its ablations, its options, and the maps that show what it attends to."""

import pytest
import torch

from spinelib.core.errors import BadInput
from spinelib.models import build_model
from spinelib.models.safnet import channel_map, gate_values, position_map
from spinelib.models.size import count_operations
from spinelib.models.trace import block_table, trace_modules

from .made import noise

INPUT = (1, 18, 256, 128)
STATED = {"low": (128, 18, 64, 32), "middle": (128, 18, 32, 16), "high": (128, 18, 16, 8)}


def test_the_network_hands_on_the_stated_shapes():
    with torch.device("meta"):
        model = build_model("safnet", classes=19)
        names = ["features.low", "features.middle", "features.high", "aspp", "position", "channel", "fusion.low"]
        found = trace_modules(model, torch.zeros(1, *INPUT), names)
    expected = [*STATED.values(), *[STATED["high"]] * 3, STATED["low"]]
    assert [tuple(x.shape[1:]) for x in found.values()] == expected


def test_the_size_is_that_of_the_literal_text():
    with torch.device("meta"):
        size = count_operations(build_model("safnet", classes=19), INPUT)
    assert size.params == 6_629_014
    assert size.params == pytest.approx(6.6e6, rel=0.01)
    # 84 GMACs without the two attentions, whose products are 2 N^2 C and 2 C^2 N for N = 2304, C = 128.
    products = 2 * 2304 * 128 * (2304 + 128) / 1e9
    assert size.gmacs - products == pytest.approx(84.3, abs=0.1)


def test_each_ablation_is_the_base_and_its_part():
    def params(variant):
        with torch.device("meta"):
            return count_operations(build_model("safnet", variant, classes=19), (1, 2, 32, 32)).params

    sizes = {name: params(name) for name in ("base", "aspp", "fusion", "attention", "full")}
    parts = {name: sizes[name] - sizes["base"] for name in ("aspp", "fusion", "attention")}
    assert min(parts.values()) > 0
    assert sizes["full"] - sizes["base"] == sum(parts.values())
    assert parts["aspp"] == pytest.approx(1.44e6, rel=0.01)


def test_maps_of_a_network_for_one_voxel():
    model, x = build_model("safnet", classes=3, width=0.125).eval(), noise(2, 1, 3, 32, 48)
    looks = position_map(model, x, (2, 31, 20))
    assert looks.shape == (2, 3, 2, 3)
    torch.testing.assert_close(looks.sum((1, 2, 3)), torch.ones(2))
    entering = trace_modules(model, x, ["aspp"])["aspp"]
    with torch.no_grad():
        torch.testing.assert_close(looks, model.position.looks(entering, (2, 1, 1)))
    assert channel_map(model, x).shape == (2, 16, 16)
    assert gate_values(model, x).shape == (2, 16)
    with pytest.raises(BadInput, match="missing from this network"):
        position_map(build_model("safnet", "base", width=0.125), x, (0, 0, 0))


@pytest.mark.parametrize(
    "options",
    [
        {"strided": "second", "gate": "excite", "separate_gates": True, "pair": "series", "fusion_grid": "middle"},
        {"dilate": "volume", "gate": "plain", "mean_channels": True, "stem": 16, "dilations": (1, 2, 4)},
    ],
)
def test_every_switch_builds_and_learns(options):
    model = build_model("safnet", classes=3, width=0.125, **options).train()
    x = noise(2, 1, 3, 30, 37)
    logits = model(x)["logits"]
    assert logits.shape == (2, 4, 3, 30, 37)
    logits.square().mean().backward()
    assert all(p.grad is not None for p in model.parameters())


@pytest.mark.parametrize("options", [{"gate": "sigmoids"}, {"dilate": "planes"}, {"fusion_rates": (2, 4, 8)}])
def test_a_wrong_switch_is_named(options):
    with pytest.raises(BadInput, match=next(iter(options))):
        build_model("safnet", width=0.125, **options)


def test_the_block_table_says_that_there_are_slices():
    model = build_model("safnet", width=0.125)
    table = block_table(model, noise(1, 1, 3, 32, 32), ["features.low"])
    assert table.loc[0, "output (C, D, H, W)"] == "16 x 3 x 8 x 8"
