"""A trained SpineFM as one network that outlines a film, which is what applying a run asks of any method."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from spinelib.core.errors import BadInput
from spinelib.spinefm.build import LEVELS
from spinelib.spinefm.folder import load_pipeline
from spinelib.spinefm.pipeline import SpineFM
from spinelib.spinefm.post import CERTAIN, PUBLISHED_CERTAIN
from spinelib.spinefm.read import counted
from spinelib.spinefm.walk import Rules

SURE = 10.0  # logit of a pixel that a walk outlined: it answers yes or no


class Outliner(nn.Module):
    """The stages of a pipeline for films of T1 to L5; `outline` takes the place of a forward pass."""

    def __init__(self, pipeline: SpineFM) -> None:
        super().__init__()
        self.pipeline = pipeline
        self.stages = nn.ModuleDict(pipeline.stages)

    def outline(self, images: Tensor) -> Tensor:
        """Logits float32 [N,1,H,W], on the CPU, of films uint8 [N,C,H,W]: SURE in vertebrae that count, else -SURE."""
        out = torch.full((len(images), 1, *images.shape[2:]), -SURE)
        for film, reading in zip(out, self.pipeline.read(images), strict=True):
            for one in counted(reading, named=False):
                film[0][torch.from_numpy(one.mask)] = SURE
        return out


def load_outliner(folder: Path, parameters: dict[str, Any]) -> Outliner:
    """The pipeline of the finished run in `folder` as its evaluation had it.

    parameters: of its record. Raises BadInput for a run that outlines no whole spine (lateral films), that walks in
    another way than the full method, or whose stages lie in another run's folder.
    """
    with (folder / "cases.csv").open(encoding="utf-8", newline="") as table:
        structures = {row["structure"] for row in csv.DictReader(table)}
    if "spine" not in structures:
        raise BadInput(folder, "names single vertebrae and outlines no spine", "Choose a run on films of T1 to L5.")
    if parameters["variant"] not in ("full", "no_adapters", "no_post"):
        reason = f"is the variant {parameters['variant']}, which does not walk as the full method does"
        raise BadInput(folder, reason, "Choose full, no_adapters or no_post.")
    certain = PUBLISHED_CERTAIN if parameters["recipe"] == "published" else CERTAIN
    rules = Rules(levels=LEVELS, certain=certain, post=parameters["variant"] != "no_post")
    return Outliner(load_pipeline(folder, rules, parameters["checkpoint"]))
