"""Adapters inside a vision transformer against the published computation."""

import copy

import torch
from torch import nn

from spinelib.spinefm.adapters import AdaptedAttention, Adapter, adapt
from spinelib.spinefm.sam import build_sam


def stir(adapters):
    """Adapters that do something, as after training."""
    for adapter in adapters:
        nn.init.normal_(adapter.up.weight, std=0.3)


def test_an_adapted_block_computes_what_the_medical_adapter_does():
    torch.manual_seed(0)
    encoder = build_sam("tiny").image_encoder
    plain = copy.deepcopy(encoder.blocks[0])
    space, mlp = adapt(encoder)[:2]
    stir([space, mlp])
    x = torch.randn(2, 8, 8, 48)
    z = plain.attn(plain.norm1(x))
    inner = x + z + space.up(torch.nn.functional.gelu(space.down(z)))
    n = plain.norm2(inner)
    expected = inner + plain.mlp(n) + 0.5 * mlp.up(torch.nn.functional.gelu(mlp.down(n)))
    torch.testing.assert_close(encoder.blocks[0](x), expected)


def test_an_adapter_inside_windows_equals_one_behind_them():
    torch.manual_seed(0)
    from segment_anything.modeling.image_encoder import Block

    block = Block(24, 3, norm_layer=nn.LayerNorm, use_rel_pos=True, window_size=3, input_size=(5, 5))
    adapter = Adapter(24)
    stir([adapter])
    x = torch.randn(1, 5, 5, 24)
    with torch.no_grad():
        z = block(x) - x  # attention of windows put together, plus the MLP
        block.mlp = nn.Identity()
        block.norm2 = nn.Identity()
        attended = block(x) / 2 - x
        block.attn = AdaptedAttention(block.attn, 24)
        block.attn.adapter = adapter
        found = block(x) / 2 - x
    assert z.isfinite().all()
    torch.testing.assert_close(found, attended + adapter(attended), atol=1e-5, rtol=1e-4)


def test_new_adapters_add_nothing_and_there_are_two_per_block():
    torch.manual_seed(0)
    encoder = build_sam("tiny").image_encoder.eval()
    x = torch.rand(1, 3, 64, 64)
    before = encoder(x)
    added = adapt(encoder)
    assert len(added) == 2 * len(encoder.blocks)
    assert torch.equal(encoder(x), before)
    stir(added)
    assert not torch.allclose(encoder(x), before, atol=1e-3)


def test_an_adapter_has_a_quarter_of_the_width_inside():
    # Two linear layers with biases: D x D/4 + D/4 and D/4 x D + D.
    assert sum(p.numel() for p in Adapter(64).parameters()) == 64 * 16 + 16 + 16 * 64 + 64
