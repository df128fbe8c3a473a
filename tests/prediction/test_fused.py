"""A network made ready for prediction against the network itself."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from spinelib.models import NETWORKS, build_model
from spinelib.models.layers import probabilities
from spinelib.models.objective import dice_by_class, main_logits
from spinelib.models.onednn import can_prepack
from spinelib.prediction.fused import prepared_network
from spinelib.prediction.precision import Precision
from tests.models.made import learned

EXACT, COARSE = Precision("float32"), Precision("bfloat16")


@pytest.fixture(autouse=True)
def _calm():
    torch.set_num_threads(1)
    torch.manual_seed(0)


@torch.inference_mode()
def plain(network, inputs):
    return main_logits(network.eval()(inputs)).float()


def sizes(dims):
    return (32, 32) if dims == 2 else (2, 32, 32)


@pytest.mark.parametrize("method", NETWORKS)
def test_every_method_gives_the_same_masks_and_probabilities(method):
    dims, classes = NETWORKS[method].dims, 1 if NETWORKS[method].dims == 2 else 3
    network = learned(build_model(method, classes=classes, width=0.125))
    inputs = torch.randn(2, 1, *sizes(dims))
    expected = plain(network, inputs)
    with torch.inference_mode():
        found = prepared_network(network, EXACT, inputs)(inputs)
    # Chaotic random networks have logits in the hundreds: rounding is a share of these.
    torch.testing.assert_close(found, expected, atol=1e-4 * float(expected.abs().max()), rtol=0)
    assert float((probabilities(found) - probabilities(expected)).abs().max()) < 5e-3
    labels = (expected[:, 0] > 0) if classes == 1 else expected.argmax(1)
    assert float(dice_by_class(found, labels).nan_to_num(1).min()) >= 0.999


def test_a_trained_network_in_bfloat16_outlines_what_float32_outlines():
    network = build_model("unet", width=0.125)
    labels = torch.zeros(2, 96, 64)
    labels[0, 8:88, 12:44], labels[1, 8:88, 16:56] = 1, 1
    images = labels[:, None] * 2 + 0.1 * torch.randn(2, 1, 96, 64)
    adam = torch.optim.Adam(network.parameters(), 5e-3)
    for _ in range(40):
        adam.zero_grad()
        F.binary_cross_entropy_with_logits(main_logits(network(images))[:, 0], labels).backward()
        adam.step()
    for norm in (module for module in network.modules() if isinstance(module, nn.BatchNorm2d)):
        norm.momentum = 0.5
    for _ in range(4):
        network.train()(images)
    expected = plain(network, images)
    assert float(dice_by_class(expected, labels).min()) > 0.98
    with torch.inference_mode():
        found = prepared_network(network, COARSE, images)(images)
        rounded = COARSE.forward(network, images)
    assert found.dtype == torch.float32
    assert float(dice_by_class(found, expected[:, 0] > 0).min()) >= 0.999
    ours, usual = ((probabilities(one) - probabilities(expected)).abs().mean() for one in (found, rounded))
    assert float(ours) < 1e-2
    assert float(ours) < 1.5 * float(usual), "farther from float32 than bfloat16 itself"


def test_the_model_stays_as_it_was():
    network = learned(build_model("mdwcnet", width=0.125)).train()
    kept = {name: (value.clone(), value.stride()) for name, value in network.state_dict().items()}
    modules = [type(module) for module in network.modules()]
    inputs = torch.randn(1, 1, 32, 32)
    prepared_network(network, COARSE, inputs)
    assert network.training
    assert modules == [type(module) for module in network.modules()]
    assert {name: value.stride() for name, value in network.state_dict().items()} == {
        n: s for n, (_, s) in kept.items()
    }
    assert all(torch.equal(value, kept[name][0]) for name, value in network.state_dict().items())
    main_logits(network(inputs)).sum().backward()
    assert all(parameter.requires_grad for parameter in network.parameters())


class Switched(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(1, 3, 3, padding=1), nn.BatchNorm2d(3)
        self.sign = 1

    def forward(self, x):
        return self.sign * self.norm(self.conv(x))


def test_a_copy_is_used_again_until_the_model_changes():
    network, inputs = Switched().eval(), torch.randn(1, 1, 40, 40)
    first = prepared_network(network, EXACT, inputs)
    assert prepared_network(network.train(), EXACT, inputs) is first
    assert prepared_network(first, EXACT, inputs) is first
    assert prepared_network(network, COARSE, inputs) is not first

    def weigh():
        network.conv.weight.data.mul_(2)

    def switch():
        network.sign = -1

    for change in (weigh, network.norm.running_mean.add_(1).abs, switch):
        change()
        with torch.inference_mode():
            found = prepared_network(network, EXACT, inputs)(inputs)
        torch.testing.assert_close(found, plain(network, inputs), atol=1e-5, rtol=1e-5)


def test_a_network_that_uses_a_convolution_twice_is_left_alone():
    class Twice(Switched):
        def forward(self, x):
            y = self.conv(x)
            return y + F.relu(self.norm(y))

    network, inputs = learned(Twice()).eval(), torch.randn(1, 1, 40, 40)
    ready = prepared_network(network, EXACT, inputs)
    assert any(isinstance(module, nn.BatchNorm2d) for module in ready.modules())
    with torch.inference_mode():
        torch.testing.assert_close(ready(inputs), plain(network, inputs), atol=1e-5, rtol=1e-5)


def test_normalisations_and_relus_are_gone_where_they_follow_a_convolution():
    network, inputs = learned(build_model("unet", width=0.125)), torch.randn(1, 1, 64, 32)
    ready = prepared_network(network, EXACT, inputs)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in ready.modules())
    if can_prepack(nn.Conv2d(1, 1, 1), torch.float32):
        assert not any(isinstance(module, (nn.Conv2d, nn.ReLU)) for module in ready.modules())


def test_angles_are_those_of_the_network():
    network, inputs = learned(build_model("seg4regplus", width=0.125)).eval(), torch.randn(2, 1, 64, 32)
    with torch.inference_mode():
        np.testing.assert_allclose(
            prepared_network(network, EXACT, inputs).angles(inputs), network.angles(inputs), atol=0.05
        )
