"""A network made ready for prediction against the network itself."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from spinelib.models import NETWORKS, build_model
from spinelib.models.depthwise import DepthwiseConv
from spinelib.models.layers import probabilities
from spinelib.models.mdwc_blocks import MSCAW
from spinelib.models.objective import dice_by_class, main_logits
from spinelib.models.onednn import PrepackedConv, WideDepthwise, can_prepack, prepacked
from spinelib.models.r2mf_blocks import R2Jump
from spinelib.prediction.fused import prepared_network
from spinelib.prediction.precision import Precision

EXACT, COARSE = Precision("float32"), Precision("bfloat16")


@pytest.fixture(autouse=True)
def _calm():
    torch.set_num_threads(1)
    torch.manual_seed(0)


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


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_r2jump_multiplied_out(steps):
    block, x = learned(R2Jump(6, steps)).eval(), torch.randn(2, 6, 9, 7)
    torch.testing.assert_close(block.simplified()(x), block(x), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("options", [{}, {"filters": 3}, {"learned": False}, {"dynamic": True}, {"merge": "concat"}])
def test_mscaw_multiplied_out(options):
    block, x = learned(MSCAW(4, 6, **options)).eval(), torch.randn(2, 4, 9, 11)
    for vector in block.vectors:
        nn.init.normal_(vector)
    torch.testing.assert_close(block.simplified()(x), block(x), atol=1e-4, rtol=1e-4)


@pytest.mark.skipif(not can_prepack(nn.Conv2d(1, 1, 1), torch.float32), reason="this PyTorch has no oneDNN")
class TestPacked:
    @pytest.mark.parametrize(
        ("conv", "grid"),
        [
            (nn.Conv2d(3, 5, 3, stride=2, padding=1), (12, 9)),
            (DepthwiseConv(3, 7), (12, 9)),
            (nn.Conv3d(3, 4, (1, 3, 3), padding=(0, 1, 1), bias=False), (3, 8, 9)),
            (nn.ConvTranspose2d(3, 4, 2, stride=2), (5, 6)),
            (nn.ConvTranspose3d(3, 2, 3, (1, 2, 2), 1, (0, 1, 1)), (2, 5, 6)),
        ],
    )
    def test_the_convolution_itself_on_any_size(self, conv, grid):
        assert can_prepack(conv, torch.float32)
        fast = prepacked(conv, torch.float32)
        assert isinstance(fast, PrepackedConv)
        with torch.inference_mode():
            for batch in (1, 3, 1):
                x = torch.randn(batch, 3, *grid)
                torch.testing.assert_close(fast(x), conv(x), atol=1e-5, rtol=1e-5)
            torch.testing.assert_close(prepacked(conv, torch.float32, True)(x), F.relu(conv(x)), atol=1e-5, rtol=1e-5)

    @pytest.mark.parametrize("grid", [(16, 8), (5, 30), (3, 2), (40, 40)])
    @pytest.mark.parametrize("dilation", [2, 6, 24])
    def test_a_dilation_beyond_the_image(self, grid, dilation):
        conv = nn.Conv2d(4, 4, 3, padding=dilation, dilation=dilation, groups=4)
        fast, x = prepacked(conv, torch.float32), torch.randn(2, 4, *grid)
        assert isinstance(fast, WideDepthwise)
        with torch.inference_mode():
            torch.testing.assert_close(fast(x), conv(x), atol=1e-5, rtol=1e-5)

    def test_a_dilation_beyond_the_slices(self):
        conv = nn.Conv3d(4, 4, 3, padding=(1, 6, 6), dilation=(1, 6, 6), groups=4, bias=False)
        x = torch.randn(1, 4, 5, 8, 4)
        with torch.inference_mode():
            found = prepacked(conv, torch.float32, True)(x)
            torch.testing.assert_close(found, F.relu(conv(x)), atol=1e-5, rtol=1e-5)

    def test_what_is_more_than_its_weights_is_not_packed(self):
        class Other(nn.Conv2d):
            pass

        assert not can_prepack(Other(1, 1, 1), torch.float32)
        assert not can_prepack(nn.Conv2d(1, 1, 3, padding=1, padding_mode="replicate"), torch.float32)
        assert not can_prepack(nn.Conv2d(1, 1, 3, padding="same"), torch.float32)
        assert not can_prepack(nn.Linear(1, 1), torch.float32)


def test_angles_are_those_of_the_network():
    network, inputs = learned(build_model("seg4regplus", width=0.125)).eval(), torch.randn(2, 1, 64, 32)
    with torch.inference_mode():
        np.testing.assert_allclose(
            prepared_network(network, EXACT, inputs).angles(inputs), network.angles(inputs), atol=0.05
        )
