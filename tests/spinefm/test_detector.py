"""The detector: its published size, its frame, and what becomes of its answers."""

import pytest
import torch

from spinelib.spinefm.detector import Detector
from spinelib.spinefm.patches import Geometry


def test_the_published_detector_is_the_librarys_with_two_classes():
    with torch.device("meta"):
        net = Detector(Geometry((256, 128), 12.0), "full").net
    assert net.roi_heads.box_predictor.cls_score.out_features == 2
    assert net.roi_heads.mask_predictor.mask_fcn_logits.out_channels == 2
    assert sum(p.numel() for p in net.parameters()) / 1e6 == pytest.approx(43.9, abs=0.2)
    assert (net.transform.min_size, net.transform.max_size) == ((256,), 512)
