"""The narrow ResNet-18: widths, strides, independence of the batch, grey images."""

import pytest
import torch
from torch import nn
from torchvision.models import resnet18

from spinelib.spinefm.backbone import GroupResNet, group_norm, to_one_channel


@pytest.mark.parametrize(("channels", "groups"), [(64, 8), (16, 8), (12, 4), (6, 2), (7, 1)])
def test_groups_divide_the_channels(channels, groups):
    assert group_norm(channels).num_groups == groups


def test_at_full_width_it_has_the_convolutions_of_resnet_18():
    with torch.device("meta"):
        own, theirs = GroupResNet(), resnet18()
    kernels = [
        sorted(tuple(m.weight.shape) for m in net.modules() if isinstance(m, nn.Conv2d)) for net in (own, theirs)
    ]
    kernels[1].remove((64, 3, 7, 7))
    kernels[0].remove((64, 1, 7, 7))  # grey
    assert kernels[0] == kernels[1]


def test_features_have_the_stated_strides_and_channels():
    net, x = GroupResNet(0.25), torch.randn(2, 1, 64, 96)
    assert net.channels == [16, 32, 64, 128]
    for name, part in net.named_children():
        x = part(x)
        if name.startswith("layer"):
            k = int(name[-1])
            assert x.shape == (2, net.channels[k - 1], 64 // 2 ** (k + 1), 96 // 2 ** (k + 1))


def test_training_does_not_depend_on_the_batch():
    torch.manual_seed(0)
    net, x = GroupResNet(0.125).train(), torch.randn(3, 1, 32, 32)
    torch.testing.assert_close(net(x)[1:2], net(x[1:2]), rtol=1e-4, atol=1e-5)


def test_grey_averages_colours_and_brings_stored_values_to_0_to_1():
    stored = torch.tensor([0, 51, 255], dtype=torch.uint8).view(1, 3, 1, 1)
    torch.testing.assert_close(to_one_channel(stored), torch.tensor(0.4).view(1, 1, 1, 1))
    seen = torch.rand(2, 1, 3, 3)
    assert torch.equal(to_one_channel(seen), seen)
