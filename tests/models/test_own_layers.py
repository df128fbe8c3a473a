"""Layers of other packages' networks are exchanged; parameters, names and answers stay."""

import torch
from torch import nn

from spinelib.models.dilated import DilatedConv
from spinelib.models.group_norm import GroupNorm
from spinelib.models.own_layers import with_own_layers
from spinelib.models.prelu import PReLU


def test_layers_are_exchanged_and_the_answer_stays():
    torch.manual_seed(0)
    holes = nn.Conv2d(8, 4, (3, 1), padding=(2, 0), dilation=2, groups=2)
    inner = nn.Sequential(nn.GroupNorm(4, 8, eps=0.1), nn.PReLU(init=0.4), nn.PReLU(8), holes, nn.Conv2d(4, 4, 1))
    network, x = nn.Sequential(nn.Conv2d(1, 8, 3), inner), torch.randn(2, 1, 9, 9)
    nn.init.normal_(inner[0].weight)
    parameters = {name: value.detach().clone() for name, value in network.named_parameters()}
    answer = network(x)
    assert with_own_layers(network) is network
    assert [type(layer) for layer in network[1]] == [GroupNorm, PReLU, PReLU, DilatedConv, nn.Conv2d]
    assert parameters.keys() == dict(network.named_parameters()).keys()
    assert all(torch.equal(value, parameters[name]) for name, value in network.named_parameters())
    assert all(isinstance(value, nn.Parameter) and value.requires_grad for value in network.parameters())
    torch.testing.assert_close(network(x), answer)
