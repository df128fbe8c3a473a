"""Widths, padding, resizing and the frame that models share."""

import pytest
import torch
from torch import nn

from spinelib.models import build_model
from spinelib.models.layers import (
    ConvBNReLU,
    SegmentationModel,
    initialise,
    one_logit,
    pad_to_multiple,
    probabilities,
    resize,
    scaled,
)


class Sum(SegmentationModel):
    """Adds the channels, and remembers what size it was given."""

    multiple = 8

    def heads(self, x):
        self.seen = x.shape[-2:]
        return {"logits": x.sum(1, keepdim=True), "aux_1": x[:, :1]}


@pytest.mark.parametrize("size", [(8, 16), (9, 15), (1, 1)])
def test_the_frame_pads_and_crops(size):
    model, x = Sum().eval(), torch.randn(2, 3, *size)
    assert torch.equal(model(x), x.sum(1, keepdim=True))
    assert all(seen % 8 == 0 and seen - given < 8 for seen, given in zip(model.seen, size, strict=True))
    assert {name: y.shape[-2:] for name, y in model.train()(x).items()} == {"logits": size, "aux_1": size}


def test_a_volume_keeps_two_columns_where_it_is_coarsest():
    # At one column oneDNN's bfloat16 convolution is not a number now and then.
    x = torch.zeros(1, 1, 6, 32, 16)
    assert pad_to_multiple(x, (1, 16, 16), least=2).shape == (1, 1, 6, 32, 32)
    assert pad_to_multiple(x, (1, 16, 16)).shape == x.shape
    network = build_model("safnet", "full", 1, 3, 0.125).train()
    columns = []
    network.features.high.register_forward_hook(lambda _, given, found: columns.append(found.shape[-1]))
    assert network(x)["logits"].shape[2:] == x.shape[2:]
    assert columns == [2]


def test_padding_repeats_the_edge():
    x = torch.arange(6.0).reshape(1, 1, 2, 3)
    padded = pad_to_multiple(x, 4)[0, 0]
    assert padded[:2, :3].tolist() == x[0, 0].tolist()
    assert padded[3].tolist() == [3, 4, 5, 5]
    assert pad_to_multiple(padded[None, None], 4).data_ptr() == padded.data_ptr()


def test_volumes_are_padded_and_resized_along_each_axis():
    x = torch.randn(2, 3, 2, 5, 9)
    padded = pad_to_multiple(x, (1, 4, 8))
    assert padded.shape == (2, 3, 2, 8, 16)
    assert torch.equal(padded[..., :5, :9], x)
    assert torch.equal(padded[..., 7, :9], x[..., 4, :])
    model = Sum().eval()
    model.multiple = (1, 8, 8)
    assert torch.equal(model(x), x.sum(1, keepdim=True))
    for size in ((2, 10, 4), (3, 10, 4)):
        expected = nn.functional.interpolate(x, size, mode="trilinear", align_corners=False)
        torch.testing.assert_close(resize(x, size), expected)
    assert resize(x, x.shape) is x


@pytest.mark.parametrize(
    ("width", "expected"), [(1.0, [64, 128]), (0.5, [32, 64]), (0.3, [20, 40]), (0.01, [4, 4]), (2, [128, 256])]
)
def test_widths_are_multiples_of_four(width, expected):
    assert scaled([64, 128], width) == expected


def test_resizing_by_half_averages_and_keeps_equal_sizes():
    x = torch.randn(1, 2, 6, 4)
    torch.testing.assert_close(resize(x, (3, 2)), nn.functional.avg_pool2d(x, 2))
    assert resize(x, x.shape) is x


def test_probabilities():
    assert probabilities(torch.zeros(1, 1, 2, 2)).unique().tolist() == [0.5]
    assert probabilities(torch.zeros(1, 4, 2, 2)).unique().tolist() == [0.25]


def test_two_channels_are_trained_and_one_logit_with_the_same_probability_is_answered():
    model, x = Sum(), torch.randn(2, 3, 5, 6)
    model.heads = lambda x: {"logits": x[:, :2]}
    assert torch.equal(model.train()(x)["logits"], x[:, :2])
    logits = model.eval()(x)
    assert torch.equal(logits, x[:, 1:2] - x[:, :1])
    torch.testing.assert_close(probabilities(logits), probabilities(x[:, :2])[:, 1:])
    # In bfloat16 the difference would lose what the two channels hold.
    rough = torch.tensor([100.0, 0.015625]).bfloat16().view(1, 2, 1, 1)
    assert one_logit(rough).item() == 0.015625 - 100
    for channels in (1, 3):
        assert one_logit(x[:, :channels]).data_ptr() == x.data_ptr()


def test_he_initialisation_keeps_the_scale_of_activations():
    unit = ConvBNReLU(64, 64)
    initialise(unit)
    assert unit[0].weight.std().item() == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.05)
