"""Sizes of the networks against published or hand-counted figures."""

import pytest
import torch
from torch import nn
from torchvision.models import resnet50

from spinelib.models import NETWORKS, build_model
from spinelib.models.size import count_operations, empty_network

INPUT = (1, 18, 256, 128)


def on_meta(method, variant="full", **options):
    with torch.device("meta"):
        return build_model(method, variant, in_channels=3, classes=2, **options)


def parameters(module):
    return sum(p.numel() for p in module.parameters())


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


class TestSizes:
    """Sizes at 256 x 256, three channels, two classes and background, against measured or published ones.

    The measured count adds normalisation, 2 or 5 operations a value: 0.04, 0.02 and 0.11 GMACs.
    """

    def test_deeplabv3plus(self):
        size = count_operations(on_meta("deeplabv3plus"), (3, 256, 256))
        assert size.params == pytest.approx(26.68e6, rel=1e-3)
        assert size.gmacs == pytest.approx(9.2, rel=0.01)

    def test_the_small_pspnet_has_no_stages_that_it_does_not_use(self):
        size = count_operations(on_meta("pspnet", "small"), (3, 256, 256))
        with torch.device("meta"):
            whole = resnet50()
        assert size.params + parameters(whole.layer3) + parameters(whole.layer4) == pytest.approx(24.31e6, rel=1e-3)
        assert size.gmacs == pytest.approx(2.9, rel=0.01)

    def test_the_pspnet_has_all_stages_of_its_paper(self):
        small, full = (parameters(on_meta("pspnet", variant)) for variant in ("small", "full"))
        with torch.device("meta"):
            whole = resnet50()
        # Four pools with a convolution to a quarter of the channels, three of them normalised and one with a bias; then
        # a normalised convolution of both to 512.
        few, many = (c * c + 3 * 2 * c // 4 + c // 4 + 2 * c * 512 + 2 * 512 for c in (512, 2048))
        assert full - small == parameters(whole.layer3) + parameters(whole.layer4) + many - few
        assert 24e6 < full < 30e6

    @pytest.mark.parametrize(
        ("method", "channels", "gmacs"),
        [("mdwcnet", 1, 7.35), ("mdwcnet", 2, 7.35), ("deeplabv3plus", 1, 9.04), ("deeplabv3plus", 2, 9.09)],
    )
    def test_the_input_is_part_of_the_count(self, method, channels, gmacs):
        """With and without the channel of local contrast; MDWC-Net's first block has as many filters for either."""
        with torch.device("meta"):
            model = build_model(method, in_channels=channels)
        assert round(count_operations(model, (channels, 256, 256)).gmacs, 2) == gmacs

    def test_transunet(self):
        size = count_operations(on_meta("transunet"), (3, 256, 256))
        assert size.params == pytest.approx(105.32e6, rel=1e-4)
        assert size.gmacs == pytest.approx(38.5, rel=0.005)

    def test_attention_is_counted(self):
        two, three = (count_operations(on_meta("transunet", depth=depth), (3, 128, 64)) for depth in (2, 3))
        tokens, hidden = 8 * 4, 768
        assert three.flops - two.flops == 2 * (12 * tokens * hidden**2 + 2 * tokens**2 * hidden)

    @pytest.mark.parametrize("method", ["transunet", "deeplabv3plus", "pspnet"])
    def test_width_scales_every_layer(self, method):
        full, half = (count_operations(on_meta(method, width=width), (3, 128, 128)) for width in (1.0, 0.5))
        assert half.params / full.params == pytest.approx(0.25, rel=0.03)
        assert half.flops / full.flops == pytest.approx(0.25, rel=0.1)


# Millions of parameters and GMACs at 256x256 as counted on the ready-made or the authors' classes with two classes and
# fvcore, which also counts normalisation: ours have one logit. FCN-8s is apart.
@pytest.mark.parametrize(
    ("method", "params", "gmacs"),
    # ResU-Net is 25.97 M and 12.0 GMACs with a last stage of one channel per class. Ours is as wide as the first stage,
    # a transposed convolution 128 -> 64 and a unit 64 -> 64 at full size, and has a stage at full size: a unit 1 -> 64
    # with a 1x1 shortcut, two convolutions of 63 more channels each in the stage below, and another last stage.
    [
        (
            "resunet",
            25.97 + (2 * (9 * 128 + 9 * 64) + 9 + 9 * 64 + 1 + 2 * 9 * 63) * 64 / 1e6,
            12.0
            + (9 * 128 / 4 + 9 * 64) * 64 * 65536 / 1e9
            + (9 + 9 * 64 + 1 + 2 * 9 * 63 / 4 + 9 * 128 + 9 * 64) * 64 * 65536 / 1e9,
        ),
        ("attention_unet", 31.74, 42.3),
        ("plunet", 25.10, 46.9),
    ],
)
def test_sizes_are_the_known_ones(method, params, gmacs):
    with torch.device("meta"):
        model = build_model(method)
    size = count_operations(model, (1, 256, 256))
    assert size.params == pytest.approx(params * 1e6, rel=0.001)
    assert size.gmacs == pytest.approx(gmacs, rel=0.005)


# Counted on the versions that SpineParseNet compared with (20 classes): U-Net with enlargement by repetition,
# DeepLabV3 of the same widths; and on MONAI's own class, which ends in a convolution to the classes at full size.
@pytest.mark.parametrize(
    ("method", "params", "gmacs", "tolerance"),
    [
        ("unet3d", 1.02, 60.8, 0.1),
        ("unet3d/mid", 4.08, 241.8, 0.1),
        ("resunet3d", 4.78, 75.4, 0.2),
        ("deeplabv3_3d", 4.13, 36.9, 0.25),
        ("cfnet3d", 7.65, 36.3, 0.01),
    ],
)
def test_sizes_of_networks_for_volumes_are_near_the_known_ones(method, params, gmacs, tolerance):
    method, _, variant = method.partition("/")
    with torch.device("meta"):
        size = count_operations(build_model(method, variant or "full", classes=19), INPUT)
    assert size.params == pytest.approx(params * 1e6, rel=tolerance)
    assert size.gmacs == pytest.approx(gmacs, rel=tolerance)


def test_an_empty_network_outlines_one_structure_of_films_and_nineteen_of_volumes():
    film = empty_network("pspnet", "small", 0.25, (2, 64, 32), (("two_channels", True),))
    assert all(weights.is_meta for weights in film.parameters())
    assert film.built_as["out_channels"] == 2
    assert film.built_as["in_channels"] == 2
    assert empty_network("unet3d", "full", 0.25, (1, 8, 32, 32)).built_as["out_channels"] == 20
