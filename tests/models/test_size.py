"""Sizes of the networks against published or hand-counted figures."""

import pytest
import torch
from torch import nn

from spinelib.models import NETWORKS, build_model
from spinelib.models.size import count_operations


def test_a_convolution_counted_by_hand():
    model = nn.Conv2d(3, 8, 3, padding=1).train()
    params, flops = count_operations(model, (3, 10, 20))
    assert params == 8 * 3 * 9 + 8
    assert flops == 2 * 8 * 3 * 9 * 10 * 20
    assert model.training


def test_the_unet_has_its_known_size():
    # Double convolutions 64..1024 with 2x2 up-convolutions, counted by hand; the nearest ready-made class
    # (MONAI BasicUNet, wider in its last up-convolution) has 31.11 M and 51.2 GMACs.
    size = count_operations(build_model("unet"), (1, 256, 256))
    assert size.params == 31_036_481
    assert size.gmacs == pytest.approx(48.1, abs=0.1)
    assert size.params == pytest.approx(31.11e6, rel=0.01)
    assert size.gmacs == pytest.approx(51.2, rel=0.1)


def test_the_encoder_unet_has_its_known_size():
    size = count_operations(build_model("unet", "resnet34", in_channels=3), (3, 256, 256))
    assert size.params == pytest.approx(24.44e6, rel=0.01)
    assert size.gmacs == pytest.approx(7.9, rel=0.05)


def test_sizes_of_all_methods_are_printed(capsys):
    for method in NETWORKS.values():
        for variant in method.variants:
            with torch.device("meta"):
                model = build_model(method.name, variant)
            shape = (512, 256) if method.dims == 2 else (18, 256, 128)
            size = count_operations(model, (1, *shape))
            print(f"{method.name}/{variant}: {size.params / 1e6:.2f} M, {size.gmacs:.1f} GMACs at {shape}")
            assert 0.1e6 < size.params < 200e6
            assert 1 < size.gmacs < 1000
    assert len(capsys.readouterr().out.splitlines()) == sum(len(m.variants) for m in NETWORKS.values())


def test_width_scales_parameters_and_work():
    full, half = (count_operations(build_model("r2mfnet", width=w), (1, 128, 64)) for w in (1.0, 0.5))
    assert half.params / full.params == pytest.approx(0.25, rel=0.05)
    assert half.flops / full.flops == pytest.approx(0.25, rel=0.05)


def test_r2jump_steps_cost_time_but_no_parameters():
    sizes = [count_operations(build_model("r2mfnet", width=0.25, steps=steps), (1, 64, 64)) for steps in (1, 2, 3)]
    assert len({size.params for size in sizes}) == 1
    assert sizes[0].flops < sizes[1].flops < sizes[2].flops
    assert sizes[2].flops - sizes[1].flops == sizes[1].flops - sizes[0].flops


def test_counting_leaves_the_model_alone():
    model = build_model("unet", width=0.125)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    count_operations(model, (1, 33, 40))
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
