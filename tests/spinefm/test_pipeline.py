"""The four stages put together, the networks themselves or stand-ins that know the truth."""

import torch

from spinelib.spinefm.detector import Detector
from spinelib.spinefm.ends import EndClassifier
from spinelib.spinefm.instances import instances_of
from spinelib.spinefm.patches import PatchSizes
from spinelib.spinefm.pipeline import SpineFM
from spinelib.spinefm.predictor import PointPredictor
from spinelib.spinefm.score import score_film
from spinelib.spinefm.segmenter import Segmenter

from .films import column, films
from .made_readers import SIDE, Known


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
