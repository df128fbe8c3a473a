"""Networks on a ResNet-50: TransU-Net, DeepLabV3+ and PSPNet."""

import pytest
import segmentation_models_pytorch as smp
import torch
from torch import nn
from torchvision.models import resnet50

from spinelib.core.errors import BadInput
from spinelib.models import build_model
from spinelib.models.resnet import GroupNormReLU, ResNetEncoder, group_norm_resnet
from spinelib.models.size import count_operations
from spinelib.models.transunet import Transformer, resized_positions


def on_meta(method, variant="full", **options):
    with torch.device("meta"):
        return build_model(method, variant, in_channels=3, classes=2, **options)


def parameters(module):
    return sum(p.numel() for p in module.parameters())


def small(method, variant="full", **options):
    return build_model(method, variant, width=0.125, **options).eval()


class TestSizes:
    """Sizes at 256 x 256, three channels, two classes and background, against measured or published ones.

    The measured count adds normalisation, 2 or 5 operations a value: 0.04, 0.02 and 0.11 GMACs.
    """

    def test_deeplabv3plus(self):
        size = count_operations(on_meta("deeplabv3plus"), (3, 256, 256))
        assert size.params == pytest.approx(26.68e6, rel=1e-3)
        assert size.gmacs == pytest.approx(9.2, rel=0.01)

    def test_pspnet_has_no_stages_that_it_does_not_use(self):
        size = count_operations(on_meta("pspnet"), (3, 256, 256))
        with torch.device("meta"):
            whole = resnet50()
        assert size.params + parameters(whole.layer3) + parameters(whole.layer4) == pytest.approx(24.31e6, rel=1e-3)
        assert size.gmacs == pytest.approx(2.9, rel=0.01)

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


@pytest.mark.parametrize(
    ("method", "variant", "options"),
    [("pspnet", "full", {}), ("pspnet", "dilated", {"encoder_depth": 5, "output_stride": 8})],
)
def test_pspnet_at_full_width_is_the_ready_made_one(method, variant, options):
    _same_logits(build_model(method, variant), smp.PSPNet("resnet50", encoder_weights=None, in_channels=1, **options))


def test_deeplabv3plus_at_full_width_is_the_ready_made_one():
    _same_logits(build_model("deeplabv3plus"), smp.DeepLabV3Plus("resnet50", encoder_weights=None, in_channels=1))


def _same_logits(model, other):
    """Hand the weights over by their order, which is that of the layers, and compare."""
    unused = ("layer3", "layer4") if len(model.encoder.stages) == 2 else ()
    given = [value for name, value in other.state_dict().items() if not any(part in name for part in unused)]
    model.load_state_dict(dict(zip(model.state_dict(), given, strict=True)))
    x = torch.randn(1, 1, 64, 96)
    with torch.no_grad():
        torch.testing.assert_close(model.eval()(x), other.eval()(x), rtol=1e-4, atol=1e-5)


class TestResNetEncoder:
    @pytest.mark.parametrize(
        ("limit", "strides"), [(32, [2, 4, 8, 16, 32]), (16, [2, 4, 8, 16, 16]), (8, [2, 4] + 3 * [8])]
    )
    def test_strides_end_at_the_limit(self, limit, strides):
        encoder = ResNetEncoder(1, 0.125, output_stride=limit)
        features = encoder(torch.randn(1, 1, 64, 96).repeat(2, 1, 1, 1))
        assert [tuple(f.shape[1:]) for f in features] == [
            (c, 64 // s, 96 // s) for c, s in zip(encoder.channels, strides, strict=True)
        ]

    def test_dilation_takes_the_place_of_strides(self):
        dilations = [
            {m.dilation[0] for m in stage.modules() if isinstance(m, nn.Conv2d) and m.kernel_size == (3, 3)}
            for stage in ResNetEncoder(1, 0.125, output_stride=8).stages
        ]
        assert dilations == [{1}, {1}, {2}, {4}]


class TestGroupNormalisation:
    def test_any_memory_format_gives_the_same(self):
        x, layer = torch.randn(2, 8, 5, 6), GroupNormReLU(4, 8, relu=True)
        expected = torch.relu(nn.GroupNorm(4, 8)(x))
        torch.testing.assert_close(layer(x), expected)
        torch.testing.assert_close(layer(x.contiguous(memory_format=torch.channels_last)), expected)

    @pytest.mark.parametrize(("stem", "groups"), [(64, 32), (32, 16), (24, 8), (8, 4)])
    def test_no_group_has_one_channel(self, stem, groups):
        with torch.device("meta"):
            encoder = group_norm_resnet(1, stem, [4 * stem, 8 * stem, 16 * stem])
        layers = [m for m in encoder.modules() if isinstance(m, GroupNormReLU)]
        assert {m.num_groups for m in layers} == {groups}
        assert all(m.num_channels % groups == 0 and m.num_channels > groups for m in layers)


class TestTransUNet:
    def test_one_set_of_weights_serves_any_size(self):
        model = small("transunet")
        for size in [(64, 48), (256, 272)]:
            x = torch.randn(1, 1, *size)
            with torch.no_grad():
                before = model(x)
                kept = model.transformer.position.clone()
                model.transformer.position.zero_()
                assert before.shape == (1, 1, *size)
                assert not torch.allclose(model(x), before, atol=1e-4)
                model.transformer.position.copy_(kept)

    def test_position_embedding_is_stretched_over_the_image(self):
        ramp = torch.arange(16.0).expand(1, 1, 16, 16)
        assert resized_positions(ramp, 16, 16) is ramp
        row = resized_positions(ramp, 8, 32)[0, 0, 0]
        assert row.shape == (32,)
        assert row.diff().min() > 0
        torch.testing.assert_close(row[2:-2], (torch.arange(32.0) / 2 - 0.25)[2:-2], rtol=0, atol=0.1)

    def test_only_the_position_embedding_tells_tokens_apart(self):
        layer, x = Transformer(4, 24, depth=2, heads=3, dropout=0.1).eval(), torch.randn(1, 4, 16, 16)
        assert not torch.allclose(layer(x.flip(3)), layer(x).flip(3), atol=1e-3)
        nn.init.zeros_(layer.position)
        torch.testing.assert_close(layer(x.flip(3)), layer(x).flip(3), rtol=1e-4, atol=1e-4)

    def test_attention_on_a_cpu_in_bfloat16_is_the_same_sum(self):
        layer, x = Transformer(4, 24, depth=2, heads=3, dropout=0.1).eval(), torch.randn(1, 4, 8, 8)
        with torch.autocast("cpu", torch.bfloat16):
            plain = layer(x)
        assert not layer.blocks[0].attn.fused_attn
        exact = layer(x)
        assert layer.blocks[0].attn.fused_attn
        assert (plain - exact).abs().mean() < 0.02 * exact.std()

    @pytest.mark.parametrize("level", [0, 1, 2])
    def test_every_skip_matters(self, level, monkeypatch):
        model, x = small("transunet"), torch.randn(1, 1, 32, 32)
        features = model.encoder.forward_intermediates

        def without(x, **options):
            return [torch.zeros_like(f) if i == level else f for i, f in enumerate(features(x, **options))]

        with torch.no_grad():
            before = model(x)
            monkeypatch.setattr(model.encoder, "forward_intermediates", without)
            assert (model(x) - before).abs().mean() > 0.01 * before.std()

    def test_dropout_is_for_training_only(self):
        model, x = small("transunet"), torch.randn(2, 1, 32, 32)
        with torch.no_grad():
            assert torch.equal(model(x), model(x))
            model.train()
            assert not torch.equal(model(x)["logits"], model(x)["logits"])

    @pytest.mark.parametrize("options", [{"depth": 0}, {"heads": 0}])
    def test_there_must_be_a_transformer(self, options):
        with pytest.raises(BadInput, match="at least 1"):
            small("transunet", **options)

    def test_options(self):
        model = small("transunet", depth=3, heads=5)
        assert len(model.transformer.blocks) == 3
        assert model.transformer.blocks[0].attn.num_heads == 5


def test_the_skip_of_deeplabv3plus_matters():
    model, x = small("deeplabv3plus"), torch.randn(1, 1, 64, 64)
    with torch.no_grad():
        before = model(x)
        model.skip.register_forward_hook(lambda *call: torch.zeros_like(call[-1]))
        assert (model(x) - before).abs().mean() > 0.01 * before.std()


class TestPSPNet:
    def test_the_pools_see_the_whole_image(self):
        """A changed corner reaches the opposite one through the pools, and not without them."""
        model, x = small("pspnet"), torch.randn(1, 1, 256, 256)
        changed = x.clone()
        changed[..., :32, :32] += 3

        def far():
            with torch.no_grad():
                return (model(changed) - model(x))[..., -32:, -32:].abs().max()

        assert far() > 1e-3
        for block in model.decoder.psp.blocks:
            block.register_forward_hook(lambda *call: torch.zeros_like(call[-1]))
        assert far() == 0

    def test_one_image_is_enough_to_train(self):
        assert torch.isfinite(small("pspnet").train()(torch.randn(1, 1, 32, 32))["logits"]).all()
