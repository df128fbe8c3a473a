"""Layers of other packages' networks are exchanged; parameters, names and answers stay."""

import torch
from torch import nn

from spinelib.models.group_norm import GroupNorm
from spinelib.models.prelu import PReLU
from spinelib.models.quick_layers import with_quick_layers


def test_layers_are_exchanged_and_the_answer_stays():
    torch.manual_seed(0)
    inner = nn.Sequential(nn.GroupNorm(4, 8, eps=0.1), nn.PReLU(init=0.4), nn.PReLU(8))
    network, x = nn.Sequential(nn.Conv2d(1, 8, 3), inner), torch.randn(2, 1, 9, 9)
    nn.init.normal_(inner[0].weight)
    parameters = {name: value.detach().clone() for name, value in network.named_parameters()}
    answer = network(x)
    assert with_quick_layers(network) is network
    assert [type(layer) for layer in network[1]] == [GroupNorm, PReLU, PReLU]
    assert parameters.keys() == dict(network.named_parameters()).keys()
    assert all(torch.equal(value, parameters[name]) for name, value in network.named_parameters())
    assert all(isinstance(value, nn.Parameter) and value.requires_grad for value in network.parameters())
    torch.testing.assert_close(network(x), answer)
