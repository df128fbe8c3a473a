"""Inputs and small networks that the tests of several architectures share."""

from __future__ import annotations

import torch

from spinelib.models import build_model


def noise(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def small(method, variant="full", **options):
    """An untrained network an eighth as wide, as it predicts."""
    return build_model(method, variant, width=0.125, **options).eval()


def assert_same_logits(model, other):
    """Hand the weights of `other` over by their order, which is that of the layers, and compare the answers."""
    unused = ("layer3", "layer4") if len(model.encoder.stages) == 2 else ()
    given = [value for name, value in other.state_dict().items() if not any(part in name for part in unused)]
    model.load_state_dict(dict(zip(model.state_dict(), given, strict=True)))
    x = torch.randn(1, 1, 64, 96)
    with torch.no_grad():
        torch.testing.assert_close(model.eval()(x), other.eval()(x), rtol=1e-4, atol=1e-5)


@torch.no_grad()
def assert_skip_keeps_places(method, deeper):
    """With all that is deeper than the first skip silenced, a changed pixel still acts, and most where it is."""
    model, x = small(method), noise(1, 1, 64, 64)
    moved = x.clone()
    moved[..., 31, 31] += 5
    whole = model(x)
    model.get_submodule(deeper).register_forward_hook(lambda module, given, out: torch.zeros_like(out))
    silenced = model(x)
    change = (model(moved) - silenced).abs()[0, 0]
    assert not torch.allclose(whole, silenced)
    assert change.max() > 1e-3
    assert change[24:40, 24:40].max() == change.max()


def learned(network):
    """`network` with statistics and scales that a training could have left."""
    for name, value in network.state_dict().items():
        if name.endswith("running_mean"):
            value.normal_(0, 0.3)
        elif name.endswith("running_var"):
            value.uniform_(0.5, 2)
        elif value.dim() == 1 and name.endswith(("weight", "bias")):
            value.add_(torch.randn(value.shape), alpha=0.1)
    return network


def films(count=2, height=64, width=32, channels=1):
    return torch.randn(count, channels, height, width, generator=torch.Generator().manual_seed(1))


def masks(count=2, height=64, width=32):
    found = torch.zeros(count, height, width, dtype=torch.uint8)
    found[:, 5:60, 12:20] = 1
    return found
