"""Memory of networks against bytes counted by hand."""

import pytest
import torch
from torch import nn

from spinelib.models import build_model
from spinelib.models.size import count_operations
from spinelib.questions.complexity.memory import LiveBytes, module_bytes, peak_bytes

FLOAT = 4


def test_live_bytes_follow_what_is_held():
    first = torch.zeros(100)
    with LiveBytes([first]) as live:
        second = first + 1
        third = second * 2
        view = third.view(10, 10)
        assert live.now == 3 * 100 * FLOAT
        del second, third
        assert live.now == 2 * 100 * FLOAT  # the view holds its storage
        del view
        assert live.now == 100 * FLOAT
        first.add_(1)
    assert live.peak == 3 * 100 * FLOAT


@pytest.mark.parametrize("device", ["meta", "cpu"])
def test_a_convolution_holds_weights_input_and_output(device):
    conv = nn.Conv2d(3, 8, 3, padding=1)
    weights, image, answer = (8 * 27 + 8) * FLOAT, 3 * 16 * 20 * FLOAT, 8 * 16 * 20 * FLOAT
    peak = peak_bytes(conv, (3, 16, 20), batch=0, device=device)
    assert peak.weights == weights
    assert peak.forward == weights + image + answer
    assert peak.training != peak.training  # not asked for
    assert next(conv.parameters()).device.type == "cpu"
    params, flops = count_operations(conv, (3, 16, 20))
    assert params * FLOAT == weights
    assert flops / 2 == 8 * 27 * 16 * 20


def test_a_chain_frees_what_it_no_longer_needs():
    layers = nn.Sequential(*(nn.Conv2d(4, 4, 1, bias=False) for _ in range(5)))
    peak = peak_bytes(layers, (4, 8, 8), batch=0)
    one = 4 * 8 * 8 * FLOAT
    # The image is held from outside; of the answers only the last two are alive at once.
    assert peak.forward == 5 * 16 * FLOAT + 3 * one


@pytest.mark.parametrize("method", ["unet", "seg4regplus"])
def test_shapes_alone_give_what_computing_gives(method):
    model = build_model(method, width=0.0625, in_channels=2)
    shapes, real = (peak_bytes(model, (2, 64, 32), 2, device) for device in ("meta", "cpu"))
    assert shapes.weights == real.weights
    assert shapes.forward == pytest.approx(real.forward, rel=0.02)
    assert shapes.training == pytest.approx(real.training, rel=0.05)


def test_training_holds_activations_of_the_whole_batch():
    model = build_model("unet", width=0.0625, in_channels=2)
    two, four = (peak_bytes(model, (2, 64, 32), batch).training for batch in (2, 4))
    fixed = 2 * two - four  # what does not grow with the batch: weights and the two moments at least
    assert two > fixed > 3 * 0.9 * peak_bytes(model, (2, 64, 32), 0).weights


def test_any_module_holds_every_answer_until_its_backward():
    def peak(depth, batch=2):
        return module_bytes(nn.Sequential(*(nn.Conv2d(4, 4, 1, bias=False) for _ in range(depth))), (4, 8, 8), batch)

    answer, weights = 2 * 4 * 8 * 8 * FLOAT, 16 * FLOAT
    # A further layer brings its weights, their two moments and perhaps their gradient.
    assert answer + 3 * weights <= peak(6) - peak(5) <= answer + 4 * weights
    assert peak(5, 4) - peak(5, 2) >= 6 * answer
