"""Every convolution of every network, alone: in bfloat16 with channels last it has the gradients of float32.

Libraries have kernels for some channels and sizes only, and some of them were wrong (`spinelib.models.dilated`). So the
width here is an odd one, as a study with equal compute gives.
"""

import pytest
import torch
from torch import nn

from spinelib.models import NETWORKS, build_model

KINDS = (nn.Conv2d, nn.Conv3d, nn.ConvTranspose2d, nn.ConvTranspose3d)
WIDTH, SIZES = 0.181, {2: (2, 1, 128, 64), 3: (1, 1, 18, 64, 32)}
LAYOUTS = {2: torch.channels_last, 3: torch.channels_last_3d}


def convolutions(network, x):
    """Each kind of convolution once, with the shapes of its input and output for x."""
    met = {}

    def watch(module, given, output):
        met[str(module), given[0].shape] = module, given[0].shape, output.shape

    hooks = [one.register_forward_hook(watch) for one in network.modules() if isinstance(one, KINDS)]
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        network(x)
    for hook in hooks:
        hook.remove()
    return list(met.values())


def gradients(module, x, upstream, mixed):
    x = x.detach().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
        y = module(x)
    return y, *torch.autograd.grad(y, [x, *module.parameters()], upstream.to(y.dtype))


@pytest.mark.parametrize("name", NETWORKS)
def test_convolutions_have_the_gradients_of_float32(name):
    torch.manual_seed(0)
    dims = NETWORKS[name].dims
    layout = LAYOUTS[dims]
    network = build_model(name, "full", 1, 20 if dims == 3 else 1, WIDTH).train().to(memory_format=layout)
    found = convolutions(network, torch.randn(SIZES[dims]).contiguous(memory_format=layout))
    assert len(found) > 5
    for module, given, put_out in found:
        x, upstream = (torch.randn(size).bfloat16().contiguous(memory_format=layout) for size in (given, put_out))
        rough = gradients(module, x, upstream, True)
        for parameter in module.parameters():
            parameter.data = parameter.data.bfloat16().float()
        exact = gradients(module.to(memory_format=torch.contiguous_format), x.float().contiguous(), upstream, False)
        for a, b in zip(rough, exact, strict=True):
            assert (a.float() - b).abs().max() < 0.03 * b.abs().max(), (str(module), given)
