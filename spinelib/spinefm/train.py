"""The stages of SpineFM trained one after another, each as long as its recipe times the run's `length`.

A stage that has finished is read back when the run is started again, one that was stopped goes on
(`spinelib.training.fitting`).
(C, our choice) Time is shared between the stages by what they cost at full length.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import pandas as pd

from spinelib.core.errors import BadInput
from spinelib.core.files import digest, write_text
from spinelib.core.weights import save_weights
from spinelib.models.method import check_choice
from spinelib.prediction.card import Card
from spinelib.protocol.pretraining import weights_file
from spinelib.protocol.training import UNKNOWN_TRAINING, code_of_training, data_of_training
from spinelib.runs import Run, machine
from spinelib.spinefm.build import Built
from spinelib.spinefm.config import SpineConfig
from spinelib.spinefm.loading import all_weights, fill_stages, pipeline_facts
from spinelib.spinefm.program import program_of
from spinelib.spinefm.recipe import PUBLISHED, SCRATCH, StageRecipe
from spinelib.spinefm.stage import Stage
from spinelib.spinefm.stage_ends import EndsStage
from spinelib.spinefm.stages import DetectorStage, PredictorStage, SegmenterStage
from spinelib.training import fit

STAGES: Mapping[str, type[Stage]] = {
    "detector": DetectorStage,
    "segmenter": SegmenterStage,
    "predictor": PredictorStage,
    "ends": EndsStage,
}
RECIPES = {"common": SCRATCH, "published": PUBLISHED}
# Of the time that a run may take.
SHARES = {"detector": 0.45, "segmenter": 0.4, "predictor": 0.05, "ends": 0.1}


def train_stages(run: Run, built: Built, division_digest: str) -> dict[str, pd.DataFrame]:
    """Train every stage in use and leave its best weights in the pipeline; gives the histories by stage.

    Each stage has its folder stages/NAME in the run's folder (weights, history, checkpoint meanwhile); the run's own
    model.safetensors and history.csv hold those of all stages. With the parameter `pretrained` the stages start from
    the weights of another run; `length` 0 then takes them as they are. Raises BadInput for an unknown recipe, lengths
    that are not positive, a published recipe of another length (with `train_films` a longer one may make up for the
    films), length 0 without weights, and weights that do not fit.
    """
    config = SpineConfig.of(run)
    check_choice(config.recipe, RECIPES, "recipe of spinefm")
    _ = config.stage_lengths  # which checks them
    if config.recipe == "published" and config.length not in (0, 1) and not (config.train_films and config.length > 1):
        reason, remedy = f"is {config.length:g}", "A published recipe runs at its published length alone: give 1."
        raise BadInput("length", reason, remedy)
    if config.pretrained:
        start_stages_from(run, built)
    elif not config.length > 0:
        raise BadInput("length", "is 0, and there are no weights to take", "Give a length, or weights as 'pretrained'.")
    histories: dict[str, pd.DataFrame] = {}
    facts: dict[str, dict[str, Any]] = {}
    for name in built.switches.stages if config.length > 0 else ():
        histories[name], facts[name] = _fit(run, built, name)
    _note(run, built, facts, division_digest)
    parts = [table.assign(stage=name) for name, table in histories.items()]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["stage"])
    write_text(run.files.history, table.to_csv(index=False))
    save_weights(all_weights(built.pipeline, built.switches.stages), run.files.weights)
    card_of(run, built).write(run.folder)
    return histories


def card_of(run: Run, built: Built) -> Card:
    """How the trained pipeline reads, and what it came from."""
    config, dice = SpineConfig.of(run), run.facts["training"]["best_dice"]
    came: dict[str, Any] = {"code": code_of_training(run), "data": data_of_training(run, built.films.digest)}
    return Card(
        config.method,
        config.variant,
        config.width,
        built.channels,
        built.classes,
        config.grid,
        config.grid,
        precision=config.stage_precision.name,
        entry="/".join(config.entry),
        pipeline=pipeline_facts(asdict(built.pipeline.segmenter.geometry), built.named, config),
        scores={} if math.isnan(dice) else {"best_dice": dice},
        **came,
    )


def stage_recipe(name: str, stage: str, length: float) -> StageRecipe:
    """The recipe "common" or "published" of a stage, its epochs and those between falls of the rate times `length`.

    A length above 1 makes up for fewer films: not where one step takes them all, as many as they are.
    """
    recipe = RECIPES[name][stage]
    length = length if recipe.batch else min(length, 1.0)
    warmup = round(recipe.warmup * min(1.0, length))
    return replace(recipe, epochs=recipe.epochs * length, every=recipe.every * length, warmup=warmup)


def make_stage(run: Run, built: Built, name: str) -> Stage:
    """A stage of STAGE_NAMES as the run trains it: its network, films, recipe, and how its recipe teaches it.

    Raises BadInput for films that it cannot learn from.
    """
    config, network = SpineConfig.of(run), built.pipeline.stages[name]
    recipe = stage_recipe(config.recipe, name, config.stage_lengths[name])
    taught = program_of(config, built.named).teaching(name)
    how: Any = (network, built.films, built.train, built.validation, recipe, run.seed)
    return STAGES[name](*how, **taught)


def _fit(run: Run, built: Built, name: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    stage, hours = make_stage(run, built, name), SpineConfig.of(run).hours
    made, where = machine.provenance(run.device, run.threads), run.files.stage(name).root
    done = fit(stage, where, device=run.device, hours=hours * SHARES[name], made=made)
    # The last stage to end ends the training.
    run.trained = max(done.made or dict(UNKNOWN_TRAINING), run.trained, key=lambda one: str(one.get("ended", "")))
    facts = {**done.facts, "recipe": stage.recipe.described, "items": stage.items}
    print(f"{name}: {facts['steps']} steps, {facts['seconds']:.0f} s, best score {facts['best_score']:.3f}")
    return done.table, facts


def _note(run: Run, built: Built, facts: Mapping[str, dict[str, Any]], division_digest: str) -> None:
    """The record in the words of all runs: steps and seconds of all stages, Dice of the segmenter's validation."""
    config = SpineConfig.of(run)
    together = {key: sum(one[key] for one in facts.values()) for key in ("steps", "seconds")}
    dice = facts.get("segmenter", {}).get("best_dice", float("nan"))
    stopped = "hours" if any(one["stopped"] == "hours" for one in facts.values()) else "length"
    run.note(
        training={**together, "films": len(built.train), "best_dice": dice, "stopped": stopped, "stages": dict(facts)},
        recipe={name: getattr(config, name) for name in ("recipe", "options", "length", "lengths")},
        precision=config.stage_precision.name,
        split_digest=division_digest,
    )
    if stopped != "hours":
        # Its presence says that the weights beside it are those of a finished training.
        write_text(run.files.training, json.dumps({"stages": list(built.switches.stages)}) + "\n")


def start_stages_from(run: Run, built: Built) -> None:
    """Load the weights that the parameter `pretrained` names (`weights_file`) into every stage in use.

    Raises BadInput for an unfinished run, a missing or damaged file and weights that do not fit.
    """
    named = SpineConfig.of(run).pretrained
    path = weights_file(named)
    fill_stages(built.pipeline, built.switches.stages, path)
    run.note(pretrained={"file": named, "digest": digest(path)})
    print(f"{', '.join(built.switches.stages)} start from the weights of {named}")
