"""Train as a run's configuration says: the common recipe, or the one that the method's paper published."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from spinelib.cases import CaseArrays
from spinelib.core.errors import BadInput
from spinelib.models import NETWORKS
from spinelib.prediction.card import Card
from spinelib.protocol.config import RunConfig
from spinelib.protocol.data import on_grid
from spinelib.protocol.pretraining import start_from
from spinelib.protocol.rates import picked_rate
from spinelib.protocol.seen import note_seen
from spinelib.runs import Run, machine

if TYPE_CHECKING:
    import pandas as pd
    from torch import nn

    from spinelib.protocol.division import Division
    from spinelib.training import Recipe, Training


# Of weights that an earlier version trained.
UNKNOWN_TRAINING = {"commit": "", "note": "trained by an earlier version, which kept no commit of it"}


def train(run: Run, network: nn.Module, arrays: CaseArrays, division: Division) -> pd.DataFrame:
    """Train by the run's recipe, leave the best checkpoint by validation in `network`, return the history's table.

    The common recipe takes epochs, batch and learning rate from the parameters (0: the rate is picked on validation); a
    published recipe brings its own and its input grid. Starts from the weights that the parameter `pretrained` names,
    where there is one (`start_from`) and they have seen no test patient (`note_seen`); then a structure that no
    training case labels keeps what was learnt of it. Writes model.safetensors with its model.json, history.csv and
    training.json to the run's folder; goes on where a killed run stopped. Raises BadInput for a recipe that the method
    does not have, and for weights that cannot be taken.
    """
    from spinelib.training import fit

    config = RunConfig.of(run)
    note_seen(run, arrays, division)
    training = _training(run, config, network, arrays, division)
    recipe = training.recipe
    words = f"{recipe.epochs:g} epochs, batch {recipe.batch}, learning rate {recipe.learning_rate:g}"
    print(f"{recipe.name} recipe: {words}")
    made = machine.provenance(run.device, run.threads)
    history = fit(training, run.folder, device=run.device, hours=config.hours, made=made)
    run.trained = history.made or dict(UNKNOWN_TRAINING)
    facts = {"precision": history.facts["precision"], "training": history.facts}
    run.note(recipe=asdict(recipe), split_digest=division.digest, **facts)
    scores = {name: value for name, value in history.facts.items() if name.startswith("best_")}
    came: dict[str, Any] = {
        "data": data_of_training(run, arrays.digest),
        "code": code_of_training(run),
        "scores": scores,
    }
    network_card(config, arrays.images.shape[1], arrays.classes, history.facts["precision"], **came).write(run.folder)
    return history.table


def _training(run: Run, config: RunConfig, network: nn.Module, arrays: CaseArrays, division: Division) -> Training:
    from spinelib.training import Training

    own = config.paper_recipe
    if not own or own.recipe.name != "published":
        _check_batch(config.batch, len(division.train))
    keeps = start_from(run, network)
    recipe = replace(own.recipe, precision=config.precision) if own else _common(config)
    recipe = replace(recipe, compile=config.compiled)
    films = on_grid(arrays, run.manifest(config.trained_on).parent, config.input_grid)
    objective = NETWORKS[config.method].make_objective(network, own.loss if own else None)
    sides = (division.train, division.validation)
    training = Training(network, objective, films, *sides, recipe, run.seed, knows_all=keeps)
    if own or config.learning_rate:
        return training
    return replace(training, recipe=replace(recipe, learning_rate=picked_rate(run, training)))


def _check_batch(batch: int, films: int) -> None:
    """Raise BadInput for a batch larger than the usual one and than all there is: it would hold every film repeatedly.

    Films of which there are fewer than the usual batch stand in it more than once, each augmented anew (C, our choice).
    """
    from spinelib.training import Recipe

    if batch > max(films, Recipe.batch):
        raise BadInput("batch", f"is {batch}, of {films} training cases", f"Give {films} or less.")


def data_of_training(run: Run, digest: str) -> dict[str, Any]:
    """What a run's weights came from, as their card keeps it: the data with their digest, and patients seen."""
    return {RunConfig.of(run).trained_on: digest, "seen": run.facts["seen"]}


def code_of_training(run: Run) -> dict[str, Any]:
    """Version, commit and hash of the code that trained a run's weights, as its card keeps them."""
    return {name: run.trained[name] for name in machine.code() if name in run.trained}


def network_card(config: RunConfig, channels: int, classes: tuple[str, ...], precision: str, **came: Any) -> Card:
    """How the trained network of a run predicts; channels: of its images; came: what it came from, fields of `Card`."""
    return Card(
        config.method,
        config.variant,
        config.width,
        channels,
        classes,
        config.input_grid,
        config.grid,
        local=config.local_contrast,
        precision=precision,
        flip=config.flip,
        window=config.window,
        entry="/".join(config.entry),
        options=config.lasting_options,
        **came,
    )


def _common(config: RunConfig) -> Recipe:
    from spinelib.training import Recipe, for_volumes

    names = ("epochs", "batch", "precision", "learning_rate", "ema")
    given = {name: getattr(config, name) for name in names if getattr(config, name)}
    recipe = Recipe(local=config.local_contrast, **given)
    return _augmented(config.augmentation_strength, recipe) if config.dims == 2 else for_volumes(recipe)


def _augmented(share: float, recipe: Recipe) -> Recipe:
    """`recipe` with this share of its turns, scales and shifts; films are mirrored as often as before."""
    if share == 1 or recipe.geometry is None:
        return recipe
    if not 0 <= share <= 2:
        raise BadInput("augmentation_strength", f"is {share:g}", "Give a number from 0 to 2.")
    usual = recipe.geometry
    smaller, larger = (bound**share for bound in usual.scale)
    moved = replace(usual, rotation=usual.rotation * share, scale=(smaller, larger), shift=usual.shift * share)
    return replace(recipe, geometry=moved)
