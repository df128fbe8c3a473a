"""Every choice of the released Seg4Reg beside what a run uses: the facts, both recipes, the run itself.

(B) The released code of Seg4Reg, its regression half. Of Seg4Reg+ (Lin, Liu, Ma, Zheng, MICCAI 2021, arXiv 2208.12462)
only the abstract could be read: that it shares any of this with its predecessor is our choice (C).

Marks: (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from spinelib.models import METHODS
from spinelib.models.objective import FULL_ANGLE
from spinelib.models.seg4reg_input import CHANNELS, CLIP, TILES
from spinelib.protocol.config import RunConfig
from spinelib.training.recipe import Recipe

METHOD, RELEASED = "seg4regplus", "seg4reg_released"
_LEFT_OUT = "left out"


@dataclass(frozen=True)
class ReleasedChoice:
    """One choice: its name among `run_values`, what it is, the fact of the released code, what switches it."""

    name: str
    what: str
    fact: Any
    switch: str


_PICTURE = "variant seg4reg_released or densenet169_released, options: released="
CHOICES = (
    ReleasedChoice("grid", "input, rows x columns", "512 x 256", "recipe, grid"),
    ReleasedChoice("fit", "films wider than the input", "sides cut", _PICTURE),
    ReleasedChoice("contrast", "contrast", "CLAHE, clip 3, 8 x 8 tiles", _PICTURE),
    ReleasedChoice("scale", "greys", "0 to 1", _PICTURE),
    ReleasedChoice("channels", "channels of R's input (grey repeated)", 3, _PICTURE),
    ReleasedChoice(
        "inputs",
        "what R reads (the code also offers masks, and film and mask stacked)",
        "image",
        "variant, options: inputs=",
    ),
    ReleasedChoice("regressor", "backbone of R", "densenet169", "variant, options: regressor="),
    ReleasedChoice("start", "log-odds of the angles at the start", 0.0, _PICTURE),
    ReleasedChoice("pretrained", "begins from ImageNet weights", True, "options: regressor_weights="),
    ReleasedChoice("angle", "degrees that an answer of 1 stands for", 90.0, "fixed"),
    ReleasedChoice("smape", "weight of the challenge's error beside L1", 0.0, "variant, options: smape="),
    ReleasedChoice("optimiser", "optimiser", "sgd", "recipe"),
    ReleasedChoice("learning_rate", "learning rate", 1e-2, "recipe"),
    ReleasedChoice("momentum", "momentum", 0.9, "recipe"),
    ReleasedChoice("weight_decay", "weight decay", 1e-4, "recipe"),
    ReleasedChoice("batch", "batch", 32, "recipe"),
    ReleasedChoice("epochs", "epochs", 90.0, "recipe"),
    ReleasedChoice("falls", "epochs at whose end the rate falls", "30, 60", "recipe"),
    ReleasedChoice("decay", "factor of a fall", 0.1, "recipe"),
    ReleasedChoice("augmentation", "augmentation", "none known", "recipe"),
    ReleasedChoice("adaptation", "domain adaptation to the challenge's test films", "WGAN-GP critic", _LEFT_OUT),
    ReleasedChoice("segmenter", "segmentation network", "not released", "variant, options: segmenter="),
)


def run_values(config: RunConfig) -> dict[str, Any]:
    """The value of every choice in a run of this configuration, by name."""
    options = METHODS[METHOD].settings(config.variant, config.keywords)
    own, released = config.paper_recipe, options["released"]
    given = {name: getattr(config, name) for name in ("epochs", "batch", "learning_rate") if getattr(config, name)}
    recipe = own.recipe if own else Recipe(**given)
    channels = 2 if config.local_contrast else 1
    falls = [f"{mark * recipe.epochs:g}" for mark in recipe.milestones] if recipe.schedule == "step" else []
    return {
        **{name: options[name] for name in ("inputs", "regressor", "smape", "segmenter")},
        **{name: getattr(recipe, name) for name in ("optimiser", "learning_rate", "momentum", "weight_decay")},
        **{name: getattr(recipe, name) for name in ("batch", "epochs", "decay")},
        "grid": " x ".join(map(str, config.input_grid)),
        "fit": "sides cut" if released else "whole",
        "contrast": f"CLAHE, clip {CLIP:g}, {TILES} x {TILES} tiles" if released else "as it is",
        "scale": "0 to 1" if released else "mean 0, deviation 1",
        "channels": CHANNELS if released else channels + (options["inputs"] == "stacked"),
        "start": 0.0 if released else usual_start(),
        "pretrained": bool(options["regressor_weights"]),
        "angle": FULL_ANGLE,
        "falls": ", ".join(falls) or recipe.schedule,
        "augmentation": "turned, moved, mirrored, varied" if recipe.geometry or recipe.intensity else "none known",
        "adaptation": "none",
    }


def usual_start() -> float:
    """The log-odds that angles start with in this study."""
    from spinelib.models.seg4reg_blocks import Regressor

    return float(inspect.signature(Regressor).parameters["start"].default)


def released_table(config: RunConfig) -> pd.DataFrame:
    """A row per choice: the released code, the common and the published recipe, this run, and what switches it."""
    bare: dict[str, Any] = {"options": (), "method": METHOD}
    columns = {
        "Seg4Reg, released": {choice.name: choice.fact for choice in CHOICES},
        "full, recipe common": run_values(replace(config, recipe="common", variant="full", **bare)),
        f"{RELEASED}, recipe published": run_values(replace(config, recipe="published", variant=RELEASED, **bare)),
        "this run": run_values(config),
    }
    lines = []
    for choice in CHOICES:
        values = {title: _words(found[choice.name]) for title, found in columns.items()}
        lines.append({"choice": choice.what, **values, "switched by": choice.switch})
    return pd.DataFrame(lines)


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
