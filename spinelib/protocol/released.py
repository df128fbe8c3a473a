"""A released network as an entry of a study: its weights and card in the run's folder, scored on the study's grid."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd

from spinelib.core.errors import BadInput
from spinelib.core.files import digest
from spinelib.core.files import replace as write
from spinelib.core.layout import RunFolder
from spinelib.models.size import count_operations
from spinelib.prediction.card import Card
from spinelib.prediction.loading import load_network
from spinelib.prediction.normalisation import input_channels
from spinelib.prediction.released import find_weights
from spinelib.protocol.config import RunConfig
from spinelib.protocol.release import learned_from
from spinelib.runs import Run


def take_released(run: Run) -> Card:
    """Put the weights that the run's parameter `network` names, and their card, into the run's folder; gives the card.

    `network` is the name of a released network or the folder of a finished run. The card keeps how the network
    predicts; its maps are scored on the grid of the study. The run's record gets the digest and what the card says of
    the training. Raises BadInput for weights that are not there, for a network of other axes than the grid, and for a
    pipeline of single vertebrae on another grid than its own.
    """
    config = RunConfig.of(run)
    name = config.network
    found = find_weights(name)
    card = Card.read(found)
    if card.dims != config.dims:
        kinds = {2: "films", 3: "volumes"}
        raise BadInput(name, f"reads {kinds[card.dims]}, and these data are {kinds[config.dims]}", "Name another one.")
    if card.pipeline and config.grid != card.input_grid:
        # Its patches are so many pixels of its own grid.
        reason = f"reads films of {list(card.input_grid)} rows and columns, and these have {list(config.grid)}"
        raise BadInput(name, reason, f"Give the data the grid {list(card.input_grid)}.")
    with write(run.files.weights) as temporary:
        shutil.copyfile(RunFolder(found).weights, temporary)
    card = replace(card, evaluation_grid=config.grid, entry="/".join(config.entry), data=learned_from(found, card))
    card.write(run.folder)
    if card.data["stretches"]:
        last = card.data["stretches"][-1]
        run.trained = {name: last.get(name, "") for name in ("commit", "code")}
    run.note(precision=card.precision, released={"network": name, "digest": digest(run.files.weights), **card.data})
    return Card.read(run.folder)


def stretch_table(card: Card) -> pd.DataFrame:
    """What the network of a card has learned from, one row per stretch of its training, in their order."""
    columns = ["cases", "rows and columns", "learning rate", "steps", "core-hours", "seed", "commit"]
    rows = [{name: part.get(name, "") for name in columns} for part in card.data.get("stretches", ())]
    return pd.DataFrame(rows, columns=columns, index=pd.RangeIndex(1, len(rows) + 1, name="stretch"))


def released_size(card: Card, folder: Path) -> dict[str, int]:
    """Parameters and operations (two per multiply-add) of the network of `card` in `folder`, at its own input."""
    channels = input_channels(card.channels, card.local)
    found = count_operations(load_network(card, folder), (channels, *card.input_grid))
    return {"params": found.params, "flops": found.flops}
