"""The detector: its published size, its frame, and what becomes of its answers."""

import pytest
import torch

from spinelib.core.errors import BadInput
from spinelib.spinefm.detector import Detector
from spinelib.spinefm.patches import PatchSizes


def test_the_published_detector_is_the_librarys_with_two_classes():
    with torch.device("meta"):
        net = Detector(PatchSizes((256, 128), 12.0), "full").net
    assert net.roi_heads.box_predictor.cls_score.out_features == 2
    assert net.roi_heads.mask_predictor.mask_fcn_logits.out_channels == 2
    assert sum(p.numel() for p in net.parameters()) / 1e6 == pytest.approx(43.9, abs=0.2)
    assert (net.transform.min_size, net.transform.max_size) == ((256,), 512)


def test_small_vertebrae_are_magnified_to_24_px_and_at_most_fourfold():
    frames = {side: Detector(PatchSizes((256, 128), side), width=0.125).net.transform for side in (40.0, 12.0, 3.0)}
    found = {side: (frame.min_size, frame.max_size) for side, frame in frames.items()}
    assert found == {40.0: ((128,), 256), 12.0: ((256,), 512), 3.0: ((512,), 1024)}


def test_a_mask_is_its_certain_pixels_and_the_centre_theirs_or_the_box_s():
    detector = Detector(PatchSizes((64, 32), 12.0), width=0.125)
    sure = torch.zeros(1, 64, 32)
    sure[0, 10:20, 4:8], sure[0, 30:40, 4:8] = 0.95, 0.85
    found = {
        "masks": torch.stack([sure, torch.full((1, 64, 32), 0.5)]),
        "boxes": torch.tensor([[4.0, 10, 8, 40], [10, 20, 14, 30]]),
        "scores": torch.tensor([0.9, 0.25]),
    }
    detector.net.forward = lambda films: [found] * len(films)
    (one, other), again = detector.detect(torch.zeros(2, 1, 64, 32))
    assert (one.score, one.mask.sum(), one.centre) == (pytest.approx(0.9), 40, (5.5, 14.5))
    assert (other.score, other.mask.any(), other.centre) == (0.25, False, (12.0, 25.0))
    assert [each.centre for each in again] == [one.centre, other.centre]


def test_only_the_full_detector_takes_a_checkpoint_and_only_of_its_own_kind(tmp_path):
    geometry, path = PatchSizes((64, 32), 12.0), tmp_path / "coco.pth"
    torch.save({"backbone.conv1": torch.zeros(1)}, path)
    with pytest.raises(BadInput, match=r"does not fit the small detector\. Use size full"):
        Detector(geometry, "small", checkpoint=str(path))
    with torch.device("meta"), pytest.raises(BadInput, match="is not Mask R-CNN with ResNet-50: backbone"):
        Detector(geometry, "full", checkpoint=str(path))
    path.write_bytes(b"PK\x03\x04 not a checkpoint")
    with torch.device("meta"), pytest.raises(BadInput, match="cannot be read as weights alone"):
        Detector(geometry, "full", checkpoint=str(path))
    with pytest.raises(BadInput, match="size of the detector"):
        Detector(geometry, "large")
