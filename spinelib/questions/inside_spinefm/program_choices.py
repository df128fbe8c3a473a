"""Every choice of SpineFM's published program beside what a run uses: the facts, both recipes, the run itself.

Simons, Papież 2024, arXiv 2411.00326. (B) What the authors' public program does. (C) What it leaves open: the fact is
then "not stated", and the value is ours under either recipe.

Marks: (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Any

import pandas as pd

from spinelib.measures.levelled import IDENTIFIED
from spinelib.spinefm import detector, segmenter
from spinelib.spinefm.config import STAGE_NAMES, SpineConfig
from spinelib.spinefm.patches import PATCH, VIEW
from spinelib.spinefm.program import CSXA, ENDLESS, ON_CSXA, PROGRAMS, program_of
from spinelib.spinefm.train import stage_recipe

UNSTATED = "not stated"
SAME_SIZE = 0.02  # by how much of its own size a film on the grid may be smaller or larger
_SIZES, _CHECKPOINTS, _RECIPES = ("detector", "size", "ends"), ("detector_checkpoint", "checkpoint"), tuple(PROGRAMS)


@dataclass(frozen=True)
class ProgramChoice:
    """One choice: its name, stage, what it is, the fact of the published program, and the parameter that switches it.

    The name says where a run has its value: of `Program` or `Rules`, "STAGE.field" of a stage's recipe, a size.
    """

    name: str
    stage: str
    what: str
    fact: Any
    switch: str = "recipe"


def _option(name: str, stage: str, what: str, fact: Any) -> ProgramChoice:
    return ProgramChoice(name, stage, what, fact, f"recipe, options: {name}=")


def _training(stage: str, facts: Mapping[str, Any]) -> tuple[ProgramChoice, ...]:
    title = "end classifier" if stage == "ends" else stage
    return tuple(ProgramChoice(f"{stage}.{name}", title, _FIELDS[name], fact) for name, fact in facts.items())


_FIELDS = {
    "optimiser": "optimiser",
    "rate": "learning rate",
    "momentum": "momentum",
    "weight_decay": "weight decay",
    "every": "epochs between falls of the rate (0: none)",
    "decay": "factor of a fall",
    "cosine": "rate falls along half a wave",
    "clip": "largest gradient (0: no limit)",
    "warmup": "steps of warm-up",
    "epochs": "epochs",
    "batch": "batch (0: all at once)",
}
_PLAIN = {"cosine": False, "clip": 0.0, "warmup": 0}
CHOICES = (
    ProgramChoice("detector", "detector", "network (full: Mask R-CNN on ResNet-50)", "full", "detector"),
    ProgramChoice("detector_checkpoint", "detector", "begins from COCO weights", True, "detector_checkpoint"),
    ProgramChoice("mask", "detector", "probability at which masks are cut", 0.9, "fixed"),
    _option("magnified", "detector", "film magnified to a vertebra's size, else torchvision's 800 to 1333 px", False),
    _option("shared", "detector", "IoU of two boxes on one vertebra (torchvision's)", 0.5),
    *_training("detector", {"optimiser": "sgd", "rate": 0.005, "momentum": 0.9, "weight_decay": 5e-4, "every": 3}),
    *_training("detector", {"decay": 0.1, "epochs": 10, "batch": 4, **_PLAIN}),
    _option("score", "start points", "least score", 0.6),
    _option("line", "start points", "line along which they are ordered (fit: y = mx + c)", "fit"),
    _option("gap_ratio", "start points", "largest ratio of their two gaps", inf),
    ProgramChoice("size", "segmenter", "network (vit_b: SAM ViT-B with adapters)", "vit_b", "size"),
    ProgramChoice("checkpoint", "segmenter", "begins from SAM's weights, which stay", True, "checkpoint"),
    _option("patch", "segmenter", "patch, px (600: NHANES II, 300: CSXA; 0: in vertebra sides)", 600),
    ProgramChoice("weight", "segmenter", "weight of the vertebra in the cross-entropy", 2.0, "fixed"),
    *_training("segmenter", {"optimiser": "adam", "rate": 1e-4, "every": 10, "decay": 0.5, "epochs": 100, **_PLAIN}),
    ProgramChoice("segmenter.batch", "segmenter", "batch", UNSTATED),
    _option("jitter", "segmenter", "prompts off by up to, in vertebra sides", UNSTATED),
    _option("augment", "all stages", "mirrored and varied films and patches", UNSTATED),
    *_training("predictor", {"optimiser": "adam", "rate": 1e-3, "batch": 0, "epochs": 10_000, **_PLAIN}),
    _option("noise", "predictor", "noise of the given points, in vertebra sides", 0.0),
    _option("mirror", "predictor", "mirrored windows as well", False),
    ProgramChoice("overlap", "walk", "IoU with the last mask above which it stops", 0.1, "fixed"),
    ProgramChoice("logit", "walk", "logit from which a pixel counts for that IoU", 0.5, "fixed"),
    ProgramChoice("passes", "walk", "times a vertebra is segmented", 1, "fixed"),
    _option("likely", "walk", "centre from pixels above one half alone, not rounded", False),
    _option("guards", "walk", "stops off the film and at an empty mask", False),
    _option("starts", "walk", "start points are classified", False),
    _option("own_end", "walk", "the end of the other direction counts as a vertebra", False),
    _option("levels", "walk", f"most steps per direction ({ENDLESS}: only a walk without end is cut)", inf),
    ProgramChoice("ends", "end classifier", "network (full: ResNet-50 at 224 px)", "full", "ends"),
    _option("classes", "end classifier", "classes (2 where neither C2 nor S1 is labelled, as on CSXA)", 4),
    ProgramChoice("view", "end classifier", "patch in sides of the segmenter's", 512 / 600, "fixed"),
    _option("doubt", "end classifier", "lead that background needs", 0.0),
    *_training("ends", {"optimiser": "adam", "rate": 1e-3, "epochs": 15, "batch": 32, **_PLAIN}),
    _option("ends_jitter", "end classifier", "places off by up to, in vertebra sides", 0.0),
    _option("balanced", "end classifier", "classes are drawn evenly and count evenly in validation", False),
    _option("ring", "end classifier", "background around the spine (blur: its blurred vertebrae)", "blur"),
    _option("extrapolated", "end classifier", "an end beyond the labels is an end", False),
    _option("certain", "final mask", "probability from which a pixel belongs to it", 0.9),
    _option("smoothed_in_px", "final mask", "blur of 15 x 15 px, deviation 20 px, else in shares of the patch", True),
    ProgramChoice("identified", "scoring", "Dice above which a vertebra is identified", 0.4, "fixed"),
)


def chosen_values(config: SpineConfig, named: bool = True) -> dict[str, Any]:
    """The value of every choice in a run of this configuration, by name; named: C2 or S1 is labelled."""
    program = program_of(config, named)
    values = {**vars(program.rules(named)), **vars(program), "levels": program.rules(named).levels}
    for stage in STAGE_NAMES:
        # Stages that are taken as they are have a recipe all the same, of no epochs.
        recipe = stage_recipe(config.recipe, stage, config.stage_lengths[stage] or 1.0)
        values |= {f"{stage}.{name}": getattr(recipe, name) for name in _FIELDS}
        values |= {} if config.length else {f"{stage}.epochs": 0}
    values |= {name: getattr(config, name) for name in _SIZES}
    values |= {name: bool(getattr(config, name)) for name in _CHECKPOINTS}
    values |= {"mask": detector.MASK, "weight": segmenter.VERTEBRA_WEIGHT, "view": VIEW / PATCH}
    return {**values, "identified": IDENTIFIED}


def program_table(config: SpineConfig, named: bool = True) -> pd.DataFrame:
    """A row per choice: the published program, both recipes at their own length, this run, and what switches it.

    Raises BadInput for a configuration that no run can have.
    """
    usual = {name: replace(config, recipe=name, options=(), length=1.0) for name in _RECIPES}
    columns = {f"recipe {name}": chosen_values(one, named) for name, one in usual.items()}
    columns["this run"] = chosen_values(config, named)
    lines = []
    for choice in CHOICES:
        values = {title: found[choice.name] for title, found in columns.items()}
        line = {"stage": choice.stage, "choice": choice.what, "published program": choice.fact, **values}
        lines.append({name: shown_value(value) for name, value in line.items()} | {"switched by": choice.switch})
    return pd.DataFrame(lines)


def departures(config: SpineConfig, named: bool = True, scales: Iterable[float] = ()) -> list[str]:
    """In what a run is not the published program: names of the choices. The guard against endless walks is none.

    scales: how large each film is on the grid, as a share of its own size, at which the program sees it.
    """
    found = chosen_values(config, named)
    known = [choice for choice in CHOICES if choice.fact != UNSTATED]
    alike: dict[str, tuple[Any, ...]] = {
        "levels": (inf, PROGRAMS["published"].levels),
        "patch": (600, 300),
        "classes": (4, 2),
    }
    alike |= {name: (value,) for name, value in ON_CSXA.items()} if config.trained_on == CSXA else {}
    names = [choice.name for choice in known if found[choice.name] not in alike.get(choice.name, (choice.fact,))]
    resized = any(abs(scale - 1) > SAME_SIZE for scale in scales)
    return [*names, *(["size of the films"] if resized else [])]


def shown_value(value: Any) -> str:
    """A value of the table in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value == inf:
        return "no limit"
    return f"{value:.5g}" if isinstance(value, float) else str(value)
