"""What the two networks of R2MF-Net's cascade answer."""

import numpy as np
import pytest
import torch

from spinelib.models import build_model
from spinelib.questions.inside_r2mfnet import stage_probabilities

IMAGES = torch.rand(2, 1, 32, 16, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("training", [True, False])
def test_both_networks_answer_with_probabilities_and_the_state_stays(training):
    torch.manual_seed(0)
    network = build_model("r2mfnet", width=0.0625).train(training)
    found = stage_probabilities(network, IMAGES)
    assert list(found) == ["coarse network", "fine network"]
    assert network.training is training
    assert not any(weight.grad is not None for weight in network.parameters())
    with torch.no_grad():
        heads = network.eval().heads(IMAGES)
    for name, head in (("coarse network", "coarse"), ("fine network", "logits")):
        assert found[name].shape == (2, 32, 16)
        np.testing.assert_allclose(found[name], 1 / (1 + np.exp(-heads[head][:, 0].numpy())), rtol=1e-5)


def test_a_network_without_a_cascade_has_one_answer():
    found = stage_probabilities(build_model("r2mfnet", width=0.0625, cascade=False), IMAGES)
    assert list(found) == ["network"]


def test_two_channels_are_shown_as_the_probability_of_the_spine():
    network = build_model("r2mfnet", width=0.0625, cascade=False, two_channels=True).eval()
    with torch.no_grad():
        expected = torch.sigmoid(network(IMAGES))[:, 0]
    np.testing.assert_allclose(stage_probabilities(network, IMAGES)["network"], expected, atol=1e-6)
