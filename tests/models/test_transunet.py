"""TransU-Net: tokens of any image size, their positions, and skips from the ResNet."""

import pytest
import torch
from torch import nn

from spinelib.core.errors import BadInput
from spinelib.models.transunet import Transformer, resized_positions

from .made import small


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
