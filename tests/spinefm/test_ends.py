"""The classifier of ends of the spine."""

import pytest
import torch

from spinelib.core.errors import BadInput
from spinelib.spinefm.ends import CLASSES, LOWER_END, UPPER_END, VERTEBRA, EndClassifier
from spinelib.spinefm.patches import PatchSizes

SIDE = 12.0


def test_background_is_answered_only_beyond_doubt():
    geometry = PatchSizes((64, 32), SIDE)
    ends = EndClassifier(geometry, width=0.125)
    ends.forward = lambda patches: torch.tensor([[3.0, 1.5, 0.0, 0.0], [3.0, 0.5, 0.0, 0.0]])
    asked = torch.zeros(2, 1, 64, 32), torch.tensor([0, 1]), torch.full((2, 2), 16.0)
    assert ends.classify(*asked).tolist() == [VERTEBRA, 0]
    ends.doubt = 0.0
    assert ends.classify(*asked).tolist() == [0, 0]


def test_films_without_ends_have_a_classifier_of_two_classes():
    net = EndClassifier(PatchSizes((64, 32), SIDE), width=0.125, classes=2, doubt=0.0).eval()
    assert net(torch.rand(3, 1, 20, 20)).shape == (3, 2)
    asked = torch.rand(2, 1, 64, 32), torch.tensor([0, 1]), torch.full((2, 2), 16.0)
    assert set(net.classify(*asked).tolist()) <= {0, VERTEBRA}


def test_patches_of_any_side_become_four_logits():
    geometry = PatchSizes((64, 32), SIDE)
    torch.manual_seed(0)
    net = EndClassifier(geometry, width=0.125).eval()
    seen = []
    net.body.register_forward_pre_hook(lambda module, given: seen.append(given[0]))
    with torch.no_grad():
        assert net(torch.rand(3, 1, 20, 20)).shape == (3, len(CLASSES))
    assert seen[0].shape == (3, 1, 64, 64)
    assert -0.5 <= seen[0].min() < 0 < seen[0].max() <= 0.5, "grey levels about zero"


def test_the_published_one_sees_three_channels_of_224_px():
    with torch.device("meta"):
        net = EndClassifier(PatchSizes((64, 32), SIDE), "full")
    assert (net.side, net.body.conv1.in_channels, net.body.fc.out_features) == (224, 3, 4)
    with pytest.raises(BadInput, match="size of the end classifier"):
        EndClassifier(PatchSizes((64, 32), SIDE), "huge")


def test_each_point_is_asked_of_its_own_film():
    net = EndClassifier(PatchSizes((64, 32), SIDE), width=0.125)
    # The answer is the class whose number is the grey level in the middle of the patch.
    middle = net.geometry.view // 2
    net.forward = lambda patches: torch.eye(4)[patches[:, 0, middle, middle].long()] * 9
    films = torch.zeros(2, 1, 64, 32)
    films[0, 0, 30, 10], films[1, 0, 30, 10], films[1, 0, 50, 20] = 1, 2, 3
    points = torch.tensor([[10.0, 30.0], [10.0, 30.0], [20.0, 50.0]])
    assert net.classify(films, torch.tensor([0, 1, 1]), points).tolist() == [VERTEBRA, UPPER_END, LOWER_END]
