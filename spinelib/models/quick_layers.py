"""Layers of other packages' networks exchanged for those of ours that compute the same in less time on a CPU."""

from __future__ import annotations

from torch import nn

from spinelib.models.group_norm import GroupNorm
from spinelib.models.prelu import PReLU


def with_quick_layers(network: nn.Module) -> nn.Module:
    """The network itself, with our group normalisations and PReLUs, whose parameters are the same by the same names."""
    for name, module in list(network.named_children()):
        ours = _ours(module)
        if ours is None:
            with_quick_layers(module)
        else:
            ours.load_state_dict(dict(module.named_parameters()), assign=True)
            setattr(network, name, ours)
    return network


def _ours(module: nn.Module) -> nn.Module | None:
    if type(module) is nn.GroupNorm:
        return GroupNorm(module.num_groups, module.num_channels, module.eps, module.affine)
    if type(module) is nn.PReLU:
        return PReLU(module.num_parameters)
    return None
