"""A trained pipeline back from a folder with weights: the card says which stages there are and how each was built."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor

from spinelib.core.errors import BadInput
from spinelib.core.files import digest
from spinelib.core.layout import CARD, WEIGHTS
from spinelib.core.weights import read_weights
from spinelib.prediction.card import Card
from spinelib.spinefm.build import make_pipeline, switches_of
from spinelib.spinefm.config import SpineConfig
from spinelib.spinefm.patches import PatchSizes
from spinelib.spinefm.pipeline import SpineFM
from spinelib.spinefm.read import SpineReader
from spinelib.spinefm.stage import fill, trained

# How the stages are built; a trained detector holds all of its own checkpoint.
BUILT_BY = ("variant", "recipe", "trained_on", "options", "width", "size", "checkpoint", "detector", "ends")


def pipeline_facts(geometry: Mapping[str, Any], named: bool, config: SpineConfig) -> dict[str, Any]:
    """What a model card has to say of a pipeline; geometry: the fields of its `PatchSizes`."""
    facts = {"geometry": geometry, "named": named, **{name: getattr(config, name) for name in BUILT_BY}}
    if config.checkpoint:
        base = Path(config.checkpoint).expanduser().resolve()
        facts |= {"checkpoint": str(base), "checkpoint_digest": digest(base)}
    return facts


def load_reader(card: Card, folder: Path) -> SpineReader:
    """The pipeline of a card, on the CPU. Raises BadInput for weights or a checkpoint that do not fit."""
    config, named = SpineConfig.of({**card.pipeline, "precision": card.precision}), bool(card.pipeline["named"])
    if config.checkpoint:
        base = _base(Path(config.checkpoint), card.pipeline["checkpoint_digest"], folder)
        config = replace(config, checkpoint=str(base))
    parts = dict(card.pipeline["geometry"])
    geometry, switches = PatchSizes(tuple(parts.pop("grid")), **parts), switches_of(config.variant)
    pipeline = make_pipeline(config, geometry, switches, named)
    fill_stages(pipeline, switches.stages, folder / WEIGHTS)
    return SpineReader(pipeline, switches, named)


def _base(path: Path, expected: str, folder: Path) -> Path:
    """The file with the frozen weights that the segmenter in `folder` was trained on.

    That is `path`; of a run that came from another machine one that other runs beside it name, with the same content.
    Raises BadInput where there is none.
    """
    if path.is_file() and digest(path) == expected:
        return path
    for card in sorted(folder.parent.glob(f"*/{CARD}")):
        with suppress(BadInput):
            other = Path(str(Card.read(card.parent).pipeline.get("checkpoint", "")))
            if other != path and other.is_file() and digest(other) == expected:
                return other
    if not path.is_file():
        raise BadInput(path, "is gone; the segmenter was trained on these weights of SAM", "Put the file back there.")
    raise BadInput(path, "holds other weights of SAM than the segmenter was trained on", "Put that file back there.")


def fill_stages(pipeline: SpineFM, stages: tuple[str, ...], path: Path) -> None:
    """Load the weights of `stages` from a file of "stage.name" tensors. Raises BadInput for weights that do not fit."""
    found = read_weights(path)
    for name in stages:
        own = {key.removeprefix(f"{name}."): value for key, value in found.items() if key.startswith(f"{name}.")}
        fill(pipeline.stages[name], own, path, f"does not hold the weights of this {name}")


def all_weights(pipeline: SpineFM, stages: tuple[str, ...]) -> dict[str, Tensor]:
    """What was trained of `stages`, by "stage.name"; a frozen base lies in the user's own file."""
    return {f"{name}.{key}": value for name in stages for key, value in trained(pipeline.stages[name]).items()}
