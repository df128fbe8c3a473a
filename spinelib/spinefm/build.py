"""SpineFM built as the parameters of a run say, and the switches of its ablations.

Simons, Papież 2024, arXiv 2411.00326. (A) The paper names its stages: detector, Medical SAM Adapter, point predictor,
checks by overlap and by a classifier of spine ends. (C) Ours: which of them are taken out one at a time. Without
adapters only the mask decoder learns on a checkpoint; without a checkpoint the whole encoder learns either way.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from spinelib.cases import CaseArrays
from spinelib.core.files import write_text
from spinelib.models import METHODS
from spinelib.models.method import check_choice
from spinelib.protocol.seen import note_seen
from spinelib.runs import Run
from spinelib.spinefm.config import SpineConfig
from spinelib.spinefm.detector import Detector
from spinelib.spinefm.ends import EndClassifier
from spinelib.spinefm.instances import has_landmarks
from spinelib.spinefm.labelled import Labelled, labelled
from spinelib.spinefm.patches import PatchSizes
from spinelib.spinefm.pipeline import SpineFM
from spinelib.spinefm.predictor import PointPredictor
from spinelib.spinefm.program import program_of
from spinelib.spinefm.segmenter import Segmenter

if TYPE_CHECKING:
    from spinelib.protocol.division import Division

VERIFIED = {"hash": "its hash is Meta's", "shapes": "names and shapes fit, the hash is not Meta's", "": "from scratch"}


@dataclass(frozen=True)
class Switches:
    """What a variant leaves out: adapters, point predictor (next point in a straight line), post-processing, walk."""

    adapters: bool = True
    predictor: bool = True
    post: bool = True
    walk: bool = True

    @property
    def stages(self) -> tuple[str, ...]:
        """Names of the stages that are trained, in that order."""
        walked = ("segmenter", *(("predictor",) if self.predictor else ()), "ends")
        return ("detector", *(walked if self.walk else ()))


class StraightOn(nn.Module):
    """The next point as far from the last one as that from the one before: [B,3,2] to [B,2], nothing is learned."""

    def predict(self, points: Tensor, grid: tuple[int, int]) -> Tensor:
        """The next point (x, y) [B,2] px after points [B,3,2] px."""
        return 2 * points[:, 2] - points[:, 1]


@dataclass
class Built:
    """The pipeline of a run before or after its training.

    films: the training and validation films with their vertebrae; train, validation: positions in them; named: whether
    C2 or S1 is labelled, so that levels can be counted; channels, classes: of the images, and the names of the labels
    1, 2, ... of these data; facts: about the stages, for the record.
    """

    pipeline: SpineFM
    switches: Switches
    films: Labelled
    train: np.ndarray
    validation: np.ndarray
    named: bool
    channels: int
    classes: tuple[str, ...]
    facts: dict[str, Any]


def switches_of(variant: str) -> Switches:
    """The switches of a variant; BadInput for an unknown one."""
    variants = METHODS["spinefm"].variants
    check_choice(variant, variants, "variant of spinefm")
    return Switches(**variants[variant])


def build_pipeline(run: Run, arrays: CaseArrays, division: Division) -> Built:
    """The untrained pipeline of `run` for the films of `arrays`, on the run's device.

    Writes stages.json to the run's folder before anything is trained: which backbone it is and how it was verified.
    Raises BadInput for an unknown method, variant or size, a bad checkpoint, films without single vertebrae, and for
    weights to start from that have seen a test patient.
    """
    config = SpineConfig.of(run)
    check_choice(config.method, ("spinefm",), "method of this notebook")
    note_seen(run, arrays, division)
    switches = switches_of(config.variant)
    chosen = np.concatenate([division.train, division.validation])
    films = labelled(arrays.subset(chosen))
    train = np.arange(len(division.train))
    named = has_landmarks(arrays)
    geometry = program_of(config, named).geometry(films.grid, films.side(train))
    torch.manual_seed(run.seed)
    pipeline = make_pipeline(config, geometry, switches, named)
    for stage in pipeline.stages.values():
        stage.to(run.device)
    facts = _facts(pipeline, switches)
    write_text(run.files.stage_facts, json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
    run.note(stages=facts)
    return Built(
        pipeline,
        switches,
        films,
        train,
        np.arange(len(train), len(chosen)),
        named,
        arrays.images.shape[1],
        arrays.classes,
        facts,
    )


def make_pipeline(config: SpineConfig, geometry: PatchSizes, switches: Switches, named: bool) -> SpineFM:
    """The untrained pipeline of a run, on the CPU; named: C2 or S1 is labelled, so that levels can be counted.

    Raises BadInput for a bad size, checkpoint, recipe or option.
    """
    program = program_of(config, named)
    boxes: dict[str, Any] = {"shared": program.shared, "magnified": program.magnified}
    detector = Detector(geometry, config.detector, config.width, config.detector_checkpoint, **boxes)
    segmenter = Segmenter(geometry, config.size, config.checkpoint)
    if not switches.adapters:
        # Their last layer is zero, so that a frozen adapter adds nothing.
        for adapter in segmenter.adapters:
            adapter.requires_grad_(False)
    predictor: Any = PointPredictor() if switches.predictor else StraightOn()
    ends = EndClassifier(geometry, config.ends, config.width, doubt=program.doubt, classes=program.classes)
    # The point predictor computes coordinates, of which bfloat16 would keep eight bits: it stays in float32.
    for network in (detector, segmenter, ends):
        network.precision = config.stage_precision
        network.precision.arrange(network)
    start: dict[str, Any] = {"score": program.score, "gap_ratio": program.gap_ratio, "line": program.line}
    return SpineFM(detector, segmenter, predictor, ends, program.rules(named, switches.post), **start)


def _facts(pipeline: SpineFM, switches: Switches) -> dict[str, Any]:
    """What each stage in use is: size, weights, weights that learn; the backbone in words; sides of the patches."""
    segmenter, geometry, stages = pipeline.segmenter, pipeline.segmenter.geometry, {}
    for name in switches.stages:
        stage: Any = pipeline.stages[name]
        weights = list(stage.parameters())
        learning = sum(p.numel() for p in weights if p.requires_grad)
        stages[name] = {**stage.built_as, "weights": sum(p.numel() for p in weights), "learning": learning}
    backbone = f"SAM, size {segmenter.size}, {VERIFIED[segmenter.verified]}"
    backbone = backbone if switches.walk else "none: the detector's own masks"
    sides = {"vertebra": round(geometry.side, 2), "patch": geometry.patch, "view": geometry.view}
    return {"backbone": backbone, "verified": segmenter.verified, "px": sides, "stages": stages}
