"""The four stages put together, the networks themselves or stand-ins that know the truth."""

import numpy as np
import pytest
import torch
from torch import nn

from spinelib.spinefm.detector import Detector
from spinelib.spinefm.ends import LOWER_END, UPPER_END, VERTEBRA, EndClassifier
from spinelib.spinefm.instances import instances_of
from spinelib.spinefm.patches import PatchSizes
from spinelib.spinefm.pipeline import SpineFM
from spinelib.spinefm.predictor import PointPredictor
from spinelib.spinefm.score import score_film
from spinelib.spinefm.seeds import Detection
from spinelib.spinefm.segmenter import Segmenter

from .films import column, films

SIDE = 12.0


class Known(nn.Module):
    """A stage that knows the vertebrae of films, which it recognises by their first pixel."""

    def __init__(self, data):
        super().__init__()
        self.data, self.geometry = data, PatchSizes(data.grid, SIDE)
        self.weight = nn.Parameter(torch.zeros(1))
        self.batches = []

    def film(self, image):
        stored = torch.from_numpy(self.data.films).float() / 255
        return next(k for k, one in enumerate(stored) if torch.equal(one, image))

    def detect(self, films):
        self.batches.append(len(films))
        return [self.rough(self.data.centres[self.film(one)]) for one in films]

    def rough(self, centres):
        mask = np.zeros(self.data.grid, bool)
        return [Detection(0.9 - 0.01 * k, (x + 1, y - 1), mask) for k, (x, y) in enumerate(centres[1:5])]

    def segment(self, films, which, points):
        out = []
        for w, point in zip(which, points, strict=True):
            k = self.film(films[w])
            nearest = np.linalg.norm(self.data.centres[k] - point.numpy(), axis=1).argmin()
            out.append(torch.from_numpy(self.data.numbers[k] == nearest + 1) * 16.0 - 8.0)
        return torch.stack(out)

    def predict(self, points, grid):
        return 2 * points[:, 2] - points[:, 1]

    def classify(self, films, which, points):
        found = []
        for w, point in zip(which, points, strict=True):
            centres = self.data.centres[self.film(films[w])]
            nearest = np.linalg.norm(centres - point.numpy(), axis=1).argmin()
            found.append({0: UPPER_END, len(centres) - 1: LOWER_END}.get(int(nearest), VERTEBRA))
        return torch.tensor(found)


def test_perfect_stages_find_every_vertebra_and_its_masks():
    cases, data = column(5), films(5)
    known = Known(data)
    readings = SpineFM(known, known, known, known, batch=2).read(cases.images)
    assert known.batches == [2, 2, 1]
    for i, reading in enumerate(readings):
        assert reading.start.tolist() == [0, 1, 2]
        assert (reading.walk.upper, reading.walk.lower) == (True, True)
        score = score_film(instances_of(cases, i), reading.instances(), named=True)
        assert score.identified.all()
        assert score.false_detections == 0
        assert score.dice.min() > 0.95


def test_a_film_with_too_few_detections_has_a_reading_without_vertebrae():
    data = films(2)
    known = Known(data)
    known.rough = lambda centres: []
    readings = SpineFM(known, known, known, known).read(data.films)
    assert [(one.start, one.instances()) for one in readings] == [(None, []), (None, [])]


def test_untrained_networks_read_a_film_without_error():
    torch.manual_seed(0)
    data = films(2)
    geometry = PatchSizes(data.grid, SIDE)
    stages = (Detector(geometry, width=0.125), Segmenter(geometry, "tiny"), PointPredictor(), EndClassifier(geometry))
    whole = SpineFM(*stages)
    whole.detector.train()
    assert [one.start for one in whole.read(data.films)] == [None, None]
    assert not whole.detector.training
    picked = whole.follow(torch.from_numpy(data.films).float() / 255, [Known(data).rough(c) for c in data.centres])
    assert all(len(one.walk.steps) >= 3 for one in picked)
    assert all(step.mask is None or step.mask.shape == data.grid for one in picked for step in one.walk.steps)


def test_the_published_detector_is_the_librarys_with_two_classes():
    with torch.device("meta"):
        net = Detector(PatchSizes((256, 128), 12.0), "full").net
    assert net.roi_heads.box_predictor.cls_score.out_features == 2
    assert net.roi_heads.mask_predictor.mask_fcn_logits.out_channels == 2
    assert sum(p.numel() for p in net.parameters()) / 1e6 == pytest.approx(43.9, abs=0.2)
    assert (net.transform.min_size, net.transform.max_size) == ((256,), 512)


def test_background_is_answered_only_beyond_doubt():
    geometry = PatchSizes((64, 32), SIDE)
    ends = EndClassifier(geometry, width=0.125)
    ends.forward = lambda patches: torch.tensor([[3.0, 1.5, 0.0, 0.0], [3.0, 0.5, 0.0, 0.0]])
    asked = torch.zeros(2, 1, 64, 32), torch.tensor([0, 1]), torch.full((2, 2), 16.0)
    assert ends.classify(*asked).tolist() == [VERTEBRA, 0]
    ends.doubt = 0.0
    assert ends.classify(*asked).tolist() == [0, 0]
