"""A trained pipeline back from a folder with weights: the card says which stages there are and how each was built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from spinelib.core.errors import BadInput
from spinelib.core.layout import WEIGHTS
from spinelib.core.weights import read_weights
from spinelib.prediction.card import Card
from spinelib.spinefm.build import Built, make_pipeline, rules_of, switches_of
from spinelib.spinefm.patches import Geometry
from spinelib.spinefm.pipeline import SpineFM
from spinelib.spinefm.read import Reader
from spinelib.spinefm.stage import trained

# How the stages are built, as the notebook's parameters of the same names.
BUILT_BY = ("variant", "recipe", "width", "size", "checkpoint", "detector", "ends")


def pipeline_facts(built: Built, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a model card has to say of a pipeline, from the parameters of its run."""
    geometry = asdict(built.pipeline.segmenter.geometry)
    return {"geometry": geometry, "named": built.named, **{name: given[name] for name in BUILT_BY}}


def load_reader(card: Card, folder: Path) -> Reader:
    """The pipeline of a card, on the CPU. Raises BadInput for weights or a checkpoint that do not fit."""
    facts = {**card.pipeline, "detector_checkpoint": ""}  # the detector's own weights hold all of it
    parts = dict(facts["geometry"])
    geometry, switches = Geometry(tuple(parts.pop("grid")), **parts), switches_of(facts)
    pipeline = make_pipeline(facts, geometry, switches, rules_of(facts, switches, facts["named"]))
    fill(pipeline, switches.stages, folder / WEIGHTS)
    return Reader(pipeline, switches, facts["named"])


def fill(pipeline: SpineFM, stages: tuple[str, ...], path: Path) -> None:
    """Load the weights of `stages` from a file of "stage.name" tensors. Raises BadInput for weights that do not fit."""
    found = read_weights(path)
    for name in stages:
        own = {key.removeprefix(f"{name}."): value for key, value in found.items() if key.startswith(f"{name}.")}
        _fill(pipeline.stages[name], own, path, name)


def _fill(network: nn.Module, state: Mapping[str, Tensor], path: Path, name: str) -> None:
    own = trained(network)
    wrong = sorted(key for key in {*state, *own} if key not in state or key not in own)
    wrong += [key for key in own if key in state and state[key].shape != own[key].shape]
    if wrong:
        reason = f"does not hold the weights of this {name}: {', '.join(wrong[:3])}"
        raise BadInput(path, reason, "Build the stages with the size, width and checkpoint they were trained with.")
    network.load_state_dict(dict(state), strict=False)


def all_weights(pipeline: SpineFM, stages: tuple[str, ...]) -> dict[str, Tensor]:
    """What was trained of `stages`, by "stage.name"; a frozen base lies in the user's own file."""
    return {f"{name}.{key}": value for name in stages for key, value in trained(pipeline.stages[name]).items()}
