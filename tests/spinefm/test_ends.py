"""The classifier of ends of the spine."""

import torch

from spinelib.spinefm.ends import VERTEBRA, EndClassifier
from spinelib.spinefm.patches import Geometry

SIDE = 12.0


def test_background_is_answered_only_beyond_doubt():
    geometry = Geometry((64, 32), SIDE)
    ends = EndClassifier(geometry, width=0.125)
    ends.forward = lambda patches: torch.tensor([[3.0, 1.5, 0.0, 0.0], [3.0, 0.5, 0.0, 0.0]])
    asked = torch.zeros(2, 1, 64, 32), torch.tensor([0, 1]), torch.full((2, 2), 16.0)
    assert ends.classify(*asked).tolist() == [VERTEBRA, 0]
    ends.doubt = 0.0
    assert ends.classify(*asked).tolist() == [0, 0]
