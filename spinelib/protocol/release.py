"""The weights of a finished run as a released network: half precision, and a card that says what it learned from.

A stretch is one run; where it started from the weights of another run, or of an earlier release, that one's stretches
come before it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from spinelib.cases import load_arrays
from spinelib.core.errors import BadInput
from spinelib.core.layout import DataFolder, RunFolder, StudyFolder
from spinelib.core.weights import read_weights, save_weights
from spinelib.prediction.card import Card
from spinelib.prediction.released import RELEASED, find_weights
from spinelib.protocol.config import RunConfig
from spinelib.protocol.division import divide
from spinelib.runs.state import read_state

LARGEST = 30  # MB of one released network


def release_network(run: Path, target: Path) -> Card:
    """Write the weights of the finished run in the folder `run` to `target`, floats in half precision; gives the card.

    The card keeps how the run's network predicts, with `data` saying what each stretch of its training saw: "cases" in
    all and "stretches". Raises BadInput for a run that has not finished, whose data are gone, weights above 30 MB, and
    a `target` with weights that are no release.
    """
    _check_target(target)
    card = Card.read(run)
    learned = learned_from(run, card)
    tensors = {name: _half(value) for name, value in read_weights(RunFolder(run).weights).items()}
    size = sum(value.numel() * value.element_size() for value in tensors.values()) / 1e6
    if size > LARGEST:
        remedy = "Release a network with fewer channels."
        raise BadInput(run, f"has weights of {size:.0f} MB, and a release holds {LARGEST} at most", remedy)
    save_weights(tensors, RunFolder(target).weights)
    card = replace(card, entry=f"released/{target.name}", data=learned)
    card.write(target)
    return Card.read(target)


def _check_target(target: Path) -> None:
    """Raise BadInput for a folder with weights of somebody else: what they learned would be lost."""
    if RunFolder(target).weights.exists():
        try:
            ours = Card.read(target).entry.startswith("released/")
        except BadInput:
            ours = False
        if not ours:
            raise BadInput(target, "holds weights that are no release", "Choose an empty folder, or move them away.")


def _half(value: torch.Tensor) -> torch.Tensor:
    return value.half() if value.is_floating_point() else value


def learned_from(folder: Path, card: Card) -> dict[str, Any]:
    """What the network in `folder` has learned from: "cases" in all and "stretches"; of a release as its card says."""
    if "stretches" in card.data:
        return dict(card.data)
    stretches = stretches_of(folder)
    return {"cases": sum(part["cases"] for part in stretches), "stretches": stretches}


def stretches_of(run: Path) -> list[dict[str, Any]]:
    """What each stretch of the training of a finished run saw, the first one first."""
    state = read_state(run)
    if state.status != "finished":
        raise BadInput(run, f"holds no finished run (it is {state.status})", "Finish it first.")
    given = state.record["parameters"]
    return [*_before(run, str(given.get("pretrained", ""))), _stretch(run, state.record)]


def _before(run: Path, pretrained: str) -> list[dict[str, Any]]:
    if not pretrained:
        return []
    if pretrained in RELEASED:
        return list(Card.read(find_weights(pretrained)).data.get("stretches", ()))
    # Paths in the parameters of a run count from the notebooks; a run of the same study lies beside this one.
    beside = run.parent / Path(pretrained).name
    return stretches_of(beside if beside.is_dir() else Path(pretrained))


def _stretch(run: Path, record: dict[str, Any]) -> dict[str, Any]:
    given, facts = record["parameters"], record["facts"]
    training, data = facts["training"], StudyFolder(run.parent.parent).data(given["trained_on"])
    options, made = _options(data), record.get("trained") or record
    # A pipeline of several trainings says it itself; a last step that is filled up must not count.
    cases = training.get("films") or _learned(data, record)
    return {
        "run": record["run"],
        "cases": cases,
        "views": training["steps"] * facts["recipe"].get("batch", 0),
        "seed": options.get("seed", ""),
        "data": options,
        "rows and columns": given.get("own_grid") or given["grid"],
        "learning rate": facts["recipe"].get("learning_rate", ""),
        "steps": training["steps"],
        "core-hours": round(training["seconds"] * int(training.get("threads") or 1) / 3600, 2),
        "validation": {key: value for key, value in training.items() if key.startswith("best_")},
        **{name: made.get(name, otherwise) for name, otherwise in (("commit", ""), ("code", ""), ("versions", {}))},
    }


def _learned(data: DataFolder, record: Mapping[str, Any]) -> int:
    """How many different cases a run trained on: those that its split gave to training."""
    config = RunConfig.of(record["parameters"])
    arrays = load_arrays(data.root, config.grid)
    division = divide(arrays, config.fold, config.folds, views=config.views, films=config.train_films)
    if division.digest != record["facts"]["split_digest"]:
        raise BadInput(data.root, "are not the data that the run was trained on", "Run its study again.")
    return len(np.unique(division.train))


def _options(data: DataFolder) -> dict[str, Any]:
    """What data were prepared with; of digital patients all there is to know."""
    try:
        found: dict[str, Any] = json.loads(data.options.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(data.options, "does not say what the run was trained on", "Run its study again.") from error
    return found
