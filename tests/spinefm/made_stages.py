"""Small stages of each kind that learn in seconds, and a small SAM as a file."""

from __future__ import annotations

import numpy as np
import torch

from spinelib.spinefm.detector import Detector
from spinelib.spinefm.ends import EndClassifier
from spinelib.spinefm.predictor import PointPredictor
from spinelib.spinefm.recipe import StageRecipe
from spinelib.spinefm.sam import build_sam
from spinelib.spinefm.segmenter import Segmenter
from spinelib.spinefm.stage_ends import EndsStage
from spinelib.spinefm.stages import DetectorStage, PredictorStage, SegmenterStage

from .films import geometry

TRAIN, VALIDATION = np.arange(6), np.arange(6, 8)
QUIET = {"device": "cpu", "progress": False}


def quick(optimiser, rate, batch, epochs, **how):
    return StageRecipe(optimiser, rate, batch, epochs, **{"clip": 1.0, "warmup": 5, "checks": 2, **how})


def make(kind, data, seed=0, **how):
    """A small stage of each kind, a few seconds long."""
    torch.manual_seed(seed)
    side = geometry(data)
    model, stage, recipe = {
        "detector": (lambda: Detector(side, width=0.125), DetectorStage, quick("sgd", 0.01, 2, 2)),
        "segmenter": (lambda: Segmenter(side, "tiny"), SegmenterStage, quick("adam", 2e-3, 12, 20)),
        "predictor": (PointPredictor, PredictorStage, quick("adam", 1e-3, 0, 300)),
        "ends": (lambda: EndClassifier(side, width=0.125), EndsStage, quick("adam", 2e-3, 16, 10)),
    }[kind]
    return stage(model(), data, TRAIN, VALIDATION, how.pop("recipe", recipe), seed)


def saved_sam(path):
    """A file with the random weights of the smallest SAM."""
    torch.manual_seed(1)
    torch.save(build_sam("tiny").state_dict(), path)
    return str(path)
