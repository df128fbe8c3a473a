"""Train as the parameters of a run say: the common recipe, or the one that the method's paper published."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spinelib.cases import CaseArrays, load_arrays
from spinelib.core.errors import BadInput
from spinelib.models import METHODS
from spinelib.protocol.pretraining import start_from
from spinelib.protocol.recipes import input_grid, local_contrast, on_films, paper_recipe
from spinelib.runs import Run

if TYPE_CHECKING:
    from torch import nn

    from spinelib.protocol.division import Division
    from spinelib.training import Recipe


def train(run: Run, network: nn.Module, arrays: CaseArrays, division: Division) -> pd.DataFrame:
    """Train by the run's recipe, leave the best checkpoint by validation in `network`, return the history's table.

    The common recipe takes epochs, batch and learning rate from the parameters (0: the rate is picked on validation); a
    published recipe brings its own and its input grid. Starts from the weights that the parameter `pretrained` names,
    where there is one (`start_from`); then a structure that no training case labels keeps what was learnt of it. Writes
    model.safetensors, history.csv and training.json to the run's folder; goes on where a killed run stopped. Raises
    BadInput for a recipe that the method does not have.
    """
    from spinelib.training import Training, fit, pick_learning_rate

    keeps = start_from(run, network)
    own, method = paper_recipe(run), METHODS[run.parameters["method"]]
    recipe = replace(own.recipe, precision=run.parameters["precision"]) if own else _common(run)
    recipe = replace(recipe, compile=run.parameters.get("compiled", ""))
    films = on_input_grid(run, run.parameters["trained_on"], arrays)
    objective = method.aim(network, own.loss if own else None)
    sides = (division.train, division.validation)
    training = Training(network, objective, films, *sides, recipe, run.seed, knows_all=keeps)
    if not own and not run.parameters["learning_rate"]:
        rate = pick_learning_rate(training, run.folder, device=run.device)
        training = replace(training, recipe=replace(recipe, learning_rate=rate))
        _show_pilots(run)
    recipe = training.recipe
    words = f"{recipe.epochs:g} epochs, batch {recipe.batch}, learning rate {recipe.learning_rate:g}"
    print(f"{recipe.name} recipe: {words}")
    history = fit(training, run.folder, device=run.device, hours=run.parameters.get("hours", 0.0))
    facts = {"precision": history.facts["precision"], "training": history.facts}
    run.note(recipe=asdict(recipe), split_digest=division.digest, **facts)
    return history.table


def _common(run: Run) -> Recipe:
    from spinelib.training import Recipe, for_volumes

    names = ("epochs", "batch", "precision", "learning_rate", "ema")
    given = {name: run.parameters[name] for name in names if run.parameters.get(name)}
    recipe = Recipe(local=local_contrast(run), **given)
    return _moved(run, recipe) if on_films(run) else for_volumes(recipe)


def _moved(run: Run, recipe: Recipe) -> Recipe:
    """`recipe` with the share `moves` of its turns, scales and shifts; mirrored as often as ever."""
    share = float(run.parameters.get("moves", 1.0))
    if share == 1 or recipe.geometry is None:
        return recipe
    if not 0 <= share <= 2:
        raise BadInput("moves", f"is {share:g}", "Give a number from 0 to 2.")
    usual = recipe.geometry
    smaller, larger = (bound**share for bound in usual.scale)
    moved = replace(usual, rotation=usual.rotation * share, scale=(smaller, larger), shift=usual.shift * share)
    return replace(recipe, geometry=moved)


def _show_pilots(run: Run) -> None:
    table = pd.read_csv(run.folder / "learning_rates.csv")
    scores = [str(name) for name in table if str(name).startswith("validation_") and name != "validation_loss"]
    pilots = table[["learning_rate", "steps", *scores]]
    run.note(pilots=pilots.to_dict("records"))
    print("validation scores of the pilots by learning rate:")
    print(pilots.round(4).to_string(index=False))


def on_input_grid(run: Run, name: str, arrays: CaseArrays) -> CaseArrays:
    """The films of `arrays`, of the data called `name`, on the network's input grid, in the same order.

    Raises BadInput when a film could be read on one grid only, and for added cases on another grid.
    """
    grid = input_grid(run)
    if grid == arrays.grid:
        return arrays
    if "added" in arrays.table and arrays.table["added"].any():
        # What was added comes from other data: the study's grid has to be the paper's own.
        remedy = f"Give these data the grid {list(grid)}."
        raise BadInput(name, f"cases were added on the grid {list(arrays.grid)}, not {list(grid)}", remedy)
    found = load_arrays(run.manifest(name).parent, grid)
    place = {case: i for i, case in enumerate(found.table["case"])}
    cases = arrays.table["case"].tolist()
    missing = [case for case in cases if case not in place]
    if missing:
        raise BadInput(name, f"{missing[0]} cannot be put on the grid {list(grid)}", "Leave that film out.")
    moved = found.subset(np.array([place[case] for case in cases]))
    return replace(moved, table=arrays.table)
