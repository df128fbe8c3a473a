"""The learning rate of a run that names none: searched once for all seeds of its entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from spinelib.core.layout import RATES
from spinelib.protocol import building
from spinelib.protocol.config import RunConfig
from spinelib.runs import Run

if TYPE_CHECKING:
    from torch import nn

    from spinelib.training import Training


def picked_rate(run: Run, training: Training) -> float:
    """The learning rate of the search for `training`, or of the same search that a run beside this one has made.

    Prints the validation scores of the trials; the record gets `pilots` (one row per trial) where this run made them,
    else `rate_from`, the run that did. Raises BadInput when every trial diverges.
    """
    import torch

    from spinelib.training import pick_learning_rate

    def untrained(seed: int) -> nn.Module:
        with torch.random.fork_rng():
            return building.model(run, training.data, seed)

    fresh = None if RunConfig.of(run).pretrained else untrained
    beside = sorted(run.folder.parent.glob(f"*/{RATES}"))
    rate = pick_learning_rate(training, run.folder, fresh=fresh, known=beside, device=run.device)
    table = pd.read_csv(run.files.learning_rates)
    scores = [str(name) for name in table if str(name).startswith("validation_") and name != "validation_loss"]
    trials, searched = table[["learning_rate", "pilot", "steps", *scores]], str(table["searched_in"].iloc[0])
    here = searched == run.folder.name
    run.note(**({"pilots": trials.to_dict("records")} if here else {"rate_from": searched}))
    print("validation scores of the learning-rate search" + (":" if here else f", made by {searched}:"))
    print(trials.round(4).to_string(index=False))
    if not table["stable"].all():
        print("The two seeds of the search do not agree on the rate: longer trials would be needed.")
    return rate
