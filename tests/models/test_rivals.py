"""ResU-Net, Attention U-Net, PLU-Net and FCN-8s: their sizes against known figures, their blocks one by one."""

import pytest
import torch

from spinelib.models import build_model
from spinelib.models.size import count


def images(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


# Millions of parameters and GMACs at 256x256 as counted on the ready-made or the authors' classes with two classes and
# fvcore, which also counts normalisation: ours have one logit. FCN-8s is apart.
@pytest.mark.parametrize(
    ("method", "params", "gmacs"),
    # ResU-Net is 25.97 M and 12.0 GMACs with a last stage of one channel per class; ours is as wide as the first stage:
    # a transposed convolution 128 -> 64 and a unit 64 -> 64 at full size.
    [
        ("resunet", 25.97 + (9 * 128 * 64 + 9 * 64 * 64) / 1e6, 12.0 + (9 * 128 / 4 + 9 * 64) * 64 * 65536 / 1e9),
        ("attention_unet", 31.74, 42.3),
        ("plunet", 25.10, 46.9),
    ],
)
def test_sizes_are_the_known_ones(method, params, gmacs):
    with torch.device("meta"):
        model = build_model(method)
    size = count(model, (1, 256, 256))
    assert size.params == pytest.approx(params * 1e6, rel=0.001)
    assert size.gmacs == pytest.approx(gmacs, rel=0.005)


@pytest.mark.parametrize(
    ("method", "deeper"),
    [("resunet", "net.model.1.submodule"), ("attention_unet", "net.model.1.upconv"), ("plunet", "ups.0")],
)
def test_the_skip_alone_still_shows_the_image(method, deeper):
    model = build_model(method, width=0.125).eval()
    x = images(1, 1, 64, 64)
    moved = x.clone()
    moved[..., 31, 31] += 5
    with torch.no_grad():
        whole = model(x)
        model.get_submodule(deeper).register_forward_hook(lambda module, given, out: torch.zeros_like(out))
        silenced = model(x)
        change = (model(moved) - silenced).abs()[0, 0]
    assert not torch.allclose(whole, silenced)
    assert change.max() > 1e-3
    # What passes a skip stays where it was.
    assert change[24:40, 24:40].max() == change.max()
