"""Model cards for runs that finished before there were any: nothing is trained again, the weights stay as they are."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from spinelib.cases.manifest import read_classes
from spinelib.core.errors import BadInput
from spinelib.core.layout import RunFolder, StudyFolder
from spinelib.models import NETWORKS
from spinelib.prediction.card import Card
from spinelib.protocol.config import RunConfig
from spinelib.protocol.training import network_card
from spinelib.runs.state import read_state

# Structures of a case table that no network outlines itself: means, discs filled in, angles that it answers.
NO_CLASS = ("all", "vertebrae", "discs", "spine_column", "angles", "corners")


def complete_cards(study: StudyFolder) -> list[str]:
    """Write the card of every finished run that has weights and no card; gives their names.

    A run whose files do not say how it predicts is passed over: `Predictor.from_folder` will say that it has no card.
    """
    made = []
    for folder in sorted(study.all_runs.glob("*")):
        files = RunFolder(folder)
        record = read_state(folder).record if files.weights.exists() and not files.card.exists() else {}
        if not record or not files.record.exists():
            continue
        try:
            _card(files, study, record).write(folder)
        except (BadInput, OSError, ValueError, KeyError, TypeError):
            continue
        made.append(folder.name)
    return made


def _card(files: RunFolder, study: StudyFolder, record: dict[str, Any]) -> Card:
    """The card of a run from what an earlier version left of it."""
    config = RunConfig.of(record["parameters"])
    classes = _classes(files, study, config.trained_on)
    about: dict[str, Any] = {"entry": "/".join(config.entry), "code": {"commit": record.get("commit", "")}}
    if config.method not in NETWORKS:
        from spinelib.spinefm.config import SpineConfig
        from spinelib.spinefm.loading import pipeline_facts

        geometry = _identity(files.stage("segmenter").training)["geometry"]
        own = pipeline_facts(geometry, "spine" not in classes, SpineConfig.of(record["parameters"]))
        grids = (config.grid, config.grid)
        return Card(config.method, config.variant, config.width, 1, classes, *grids, pipeline=own, **about)
    seen = int(_identity(files.training)["network"]["in_channels"])
    channels = seen // 2 if config.local_contrast else seen
    card = network_card(config, channels, classes, record["facts"]["precision"], code=about["code"])
    # What a card records besides is of networks that came after it.
    return replace(card, options={k: v for k, v in card.options.items() if k in config.named_options})


def _identity(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["identity"]
    return found


def _classes(files: RunFolder, study: StudyFolder, name: str) -> tuple[str, ...]:
    """Names of the labels 1, 2, ...: those of the data it was trained on, else those of its case table."""
    data = study.data(name)
    if data.manifest.exists():
        return tuple(read_classes(data.root))
    found = pd.read_csv(files.cases, usecols=["structure"])["structure"].dropna().unique()
    return tuple(str(one) for one in found if one not in NO_CLASS)
