"""The pipeline of SpineFM: from films to named vertebrae, each stage an object of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from spinelib.spinefm.backbone import to_one_channel
from spinelib.spinefm.detector import Detector
from spinelib.spinefm.ends import EndClassifier
from spinelib.spinefm.instances import Instance
from spinelib.spinefm.levels import UNNAMED, name_chain
from spinelib.spinefm.predictor import PointPredictor
from spinelib.spinefm.seeds import GAP_RATIO, LINES, SCORE, Detection, choose_start
from spinelib.spinefm.segmenter import Segmenter
from spinelib.spinefm.walk import Rules, Stages, Walk, walk


@dataclass(frozen=True)
class SpineReading:
    """What was read on one film: the detections, which three the walk began with (None: too few), and the walk."""

    detections: list[Detection]
    start: NDArray[np.intp] | None
    walk: Walk

    def instances(self, named: bool = True) -> list[Instance]:
        """The vertebrae from above; `named`: levels are counted from the ends that were met (C2, S1)."""
        chain = self.walk.chain
        levels = (UNNAMED,) * len(chain)
        if named:
            levels = name_chain(len(chain), self.walk.upper, self.walk.lower).levels
        masks = [step.mask for step in chain]
        return [Instance(level, mask) for level, mask in zip(levels, masks, strict=True) if mask is not None]


@dataclass
class SpineFM:
    """The four stages and the rules of the walk.

    batch: films that are read together; the patches of their walks form batches of up to `patches`. score, gap_ratio,
    line: see `spinelib.spinefm.seeds.choose_start`.
    """

    detector: Detector
    segmenter: Segmenter
    predictor: PointPredictor
    ends: EndClassifier
    rules: Rules = field(default_factory=Rules)
    score: float = SCORE
    gap_ratio: float = GAP_RATIO
    line: str = LINES[0]
    batch: int = 8
    patches: int = 32

    def read(self, films: NDArray[np.uint8] | Tensor) -> list[SpineReading]:
        """Read films uint8 or float 0..1 [N,C,H,W]; all stages are left in eval mode."""
        for stage in self.stages.values():
            stage.eval()
        device = next(self.detector.parameters()).device
        given = torch.as_tensor(films)
        readings: list[SpineReading] = []
        for part in given.split(self.batch):
            batch = to_one_channel(part.to(device))
            found = self.detector.detect(batch)
            readings += self.follow(batch, found)
        return readings

    def pick_start(self, detections: Sequence[Detection]) -> NDArray[np.intp] | None:
        """Positions [3] of the start points in the detections of one film, from above; None where there are none."""
        return choose_start(detections, score=self.score, gap_ratio=self.gap_ratio, line=self.line)

    def follow(self, films: Tensor, detections: Sequence[list[Detection]]) -> list[SpineReading]:
        """The walks on films float [N,1,H,W] from given detections."""
        chosen = [self.pick_start(one) for one in detections]
        starts = [
            None if picked is None else np.array([one[k].centre for k in picked])
            for one, picked in zip(detections, chosen, strict=True)
        ]
        walks = walk(films, starts, self.functions, self.rules)
        return [SpineReading(*parts) for parts in zip(detections, chosen, walks, strict=True)]

    @property
    def functions(self) -> Stages:
        """The stages as the walk asks them."""
        ask = (self.segmenter.segment, self.predictor.predict, self.ends.classify)
        return Stages(*ask, patch=self.segmenter.geometry.patch, batch=self.patches)

    @property
    def stages(self) -> dict[str, nn.Module]:
        """The four networks by name."""
        return {
            "detector": self.detector,
            "segmenter": self.segmenter,
            "predictor": self.predictor,
            "ends": self.ends,
        }
