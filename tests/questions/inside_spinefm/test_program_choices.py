"""The table of choices against the pipelines that are built and the stages that are trained, never against itself."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from spinelib.questions.inside_spinefm.program_choices import CHOICES, UNSTATED, departures, program_table, shown_value
from spinelib.spinefm import detector
from spinelib.spinefm.build import Switches, make_pipeline
from spinelib.spinefm.config import STAGE_NAMES, SpineConfig
from spinelib.spinefm.instances import Instance
from spinelib.spinefm.program import ENDLESS, program_of
from spinelib.spinefm.score import score_film
from spinelib.spinefm.seeds import Detection
from spinelib.spinefm.segmenter import loss
from spinelib.spinefm.train import make_stage
from tests.spinefm.films import column
from tests.spinefm.made_runs import PARAMETERS, start

RECIPES = ("common", "published")
EMPTY = np.zeros((4, 4), bool)


@pytest.fixture(scope="module", params=RECIPES)
def used(request, tmp_path_factory):
    """A run of the recipe at its own length: name of a choice to what its pipeline and stages are seen to use."""
    given = {"recipe": request.param, "length": 1.0, "lengths": [1.0] * 4}
    run, built = start(tmp_path_factory.mktemp(request.param), column(8), **given)
    pipe = built.pipeline
    stages = {name: make_stage(run, built, name) for name in STAGE_NAMES if name != "ends"}
    if request.param == "published":
        # On films of 128 px there is no background around a patch of 600 px.
        run, built = start(tmp_path_factory.mktemp("small"), column(8), **given, options=["patch=60"])
    stages["ends"] = make_stage(run, built, "ends")
    found = {**seen_at_the_start(pipe), **seen_in_the_walk(pipe), **seen_in_training(stages, built)}
    found |= {name: value for key, stage in stages.items() for name, value in seen_of_a_recipe(key, stage).items()}
    return request.param, found


def seen_at_the_start(pipe):
    def picked(points, score=0.9):
        found = pipe.pick_start([Detection(score, point, EMPTY) for point in points])
        return None if found is None else found.tolist()

    gap = [(20.0, 10.0), (20.0, 20.0), (20.0, 40.0), (20.0, 50.0), (20.0, 60.0)]
    leaning = [(10.0, 10.0), (40.0, 40.0), (11.0, 70.0)]
    masks = {"masks": torch.tensor([[[[0.89, 0.91]]]]), "boxes": torch.zeros(1, 4), "scores": torch.ones(1)}
    return {
        "mask": 0.9 if detector._detections(masks)[0].mask.tolist() == [[False, True]] else None,
        "shared": pipe.detector.net.roi_heads.nms_thresh,
        "score": 0.6 if picked(leaning, 0.6) is None and picked(leaning, 0.61) else None,
        "line": {(0, 1, 2): "axis", (0, 2, 1): "fit"}[tuple(picked(leaning))],
        "gap_ratio": pipe.gap_ratio if picked(gap)[0] == (0 if pipe.gap_ratio > 2 else 2) else None,
        "detector": pipe.detector.built_as["size"],
        "size": pipe.segmenter.size,
        "detector_checkpoint": bool(pipe.detector.built_as["checkpoint"]),
        "checkpoint": bool(pipe.segmenter.built_as["checkpoint"]),
        "ends": pipe.ends.built_as["size"],
    }


def seen_in_the_walk(pipe):
    rules, logits = pipe.rules, torch.full((2, 1, 1), 0.0)
    weighted = loss(logits, torch.ones(2, 1, 1)) / loss(logits, torch.zeros(2, 1, 1))
    named = Instance("C3", np.arange(1000).reshape(1, -1) < 500)

    def identified(pixels):
        shown = np.arange(1000).reshape(1, -1)
        return bool(score_film([named], [Instance("", shown < pixels)], False).identified[0])

    # Dice of n of 500 pixels: 2n / (500 + n); 125 give 0.4 exactly.
    bounds = {0.4: not identified(125) and identified(126)}
    geometry = pipe.segmenter.geometry
    return {
        "patch": geometry.patch if geometry.patch == 600 else 0,
        "view": geometry.view / geometry.patch if geometry.patch == 600 else 512 / 600,
        "weight": float(weighted),
        **{name: getattr(rules, name) for name in ("overlap", "logit", "passes", "likely", "guards", "starts")},
        "own_end": rules.own_end,
        "levels": rules.levels,
        "certain": rules.certain,
        "smoothed_in_px": rules.smoothing == (15, 20.0),
        "classes": pipe.ends(torch.rand(1, 1, 8, 8)).shape[1],
        "doubt": pipe.ends.doubt,
        "identified": next(value for value, holds in bounds.items() if holds),
    }


def seen_in_training(stages, built):
    def changes(name, count):
        one, other = (stages[name].batch(np.arange(count), np.random.default_rng(seed))[0] for seed in (0, 1))
        return not torch.equal(one, other)

    predictor, ends, segmenter = stages["predictor"], stages["ends"], stages["segmenter"]
    windows = 2 * sum(max(len(built.films.centres[i]) - 3, 0) for i in built.train)
    points = (predictor.batch(np.arange(predictor.items), np.random.default_rng(k))[0] for k in (0, 1))
    spread = (next(points) - next(points)).std() * built.films.grid[1] / predictor.side
    beyond = ends._train[ends._train[:, 3] == 0]
    distances = [np.linalg.norm(built.films.centres[int(i)] - (x, y), axis=1).min() for i, x, y, _ in beyond]
    classes = ends.batch(np.arange(ends.items), np.random.default_rng(0))[1]
    return {
        "augment": changes("detector", 5),
        "jitter": segmenter.jitter,
        "noise": 0.0 if spread == 0 else predictor.noise,
        "mirror": predictor.items == 2 * windows,
        "balanced": int((classes > 0).sum()) != len(classes) / 2,
        "ends_jitter": ends.jitter if changes("ends", 3) else 0.0,
        "ring": "distance" if max(distances) > 2.2 * ends.side else "blur",
        "extrapolated": ends.films is built.films,
    }


def seen_of_a_recipe(name, stage):
    recipe, items = stage.recipe, stage.items
    optimiser = recipe.make_optimiser(stage.model)
    group = optimiser.param_groups[0]
    rates = [recipe.rate_at(step, items) for step in range(recipe.length(items))]
    falls = [k for k in range(1, len(rates)) if rates[k] < rates[k - 1]]
    cosine = recipe.rate_at(recipe.length(items), items) < 1e-9
    stepped = falls and not cosine
    batch = recipe.size(items)
    return {
        f"{name}.optimiser": type(optimiser).__name__.lower(),
        f"{name}.rate": group["lr"],
        f"{name}.momentum": group.get("momentum", recipe.momentum),
        f"{name}.weight_decay": group["weight_decay"],
        f"{name}.every": round(falls[0] * batch / items) if stepped else 0,
        f"{name}.decay": rates[falls[0]] / rates[falls[0] - 1] if stepped else 1.0,
        f"{name}.epochs": len(rates) * batch / items,
        f"{name}.batch": 0 if batch == items and recipe.batch != items else batch,
        f"{name}.cosine": cosine,
        f"{name}.clip": recipe.clip,
        f"{name}.warmup": round(group["lr"] / rates[0]) - 1,
    }


def test_the_table_says_what_a_built_and_trained_program_uses(used):
    recipe, found = used
    table = program_table(SpineConfig.of(PARAMETERS | {"recipe": recipe, "length": 1.0, "lengths": [1.0] * 4}))
    said = dict(zip([choice.name for choice in CHOICES], table[f"recipe {recipe}"], strict=True))
    # Seen on the full detector alone, below.
    del said["magnified"]
    for name, words in said.items():
        value = found[name]
        if name.endswith(".epochs"):
            assert value == pytest.approx(float(words), rel=0.06), name
        elif isinstance(value, float) and words not in ("no limit", "yes", "no"):
            assert value == pytest.approx(float(words), rel=1e-3), name
        else:
            assert shown_value(value) == words, name


def test_under_the_published_recipe_every_known_fact_holds(used):
    recipe, found = used
    if recipe == "common":
        return
    sizes = {"detector", "size", "ends", "detector_checkpoint", "checkpoint", "magnified"}
    for choice in CHOICES:
        if choice.fact == UNSTATED or choice.name in sizes or choice.name.endswith(".epochs"):
            continue
        fact = ENDLESS if choice.name == "levels" else choice.fact
        assert found[choice.name] == pytest.approx(fact), choice.name


def test_the_full_detector_sees_films_as_torchvision_has_it_under_the_published_recipe_alone():
    for recipe, short in (("common", (128,)), ("published", (800,))):
        config = SpineConfig.of(PARAMETERS | {"recipe": recipe, "detector": "full"})
        program = program_of(config, True)
        sizes = program.geometry((128, 64), 12.0)
        with torch.device("meta"):
            pipe = make_pipeline(replace(config, size="tiny"), sizes, Switches(), True)
        assert pipe.detector.net.transform.min_size == short
        assert pipe.detector.net.roi_heads.nms_thresh == program.shared
        said = program_table(config)
        line = said[said["choice"].str.startswith("film magnified")].iloc[0]
        assert line[f"recipe {recipe}"] == shown_value(program.magnified)


def test_a_run_says_in_what_it_departs_from_the_published_program():
    published = PARAMETERS | {"recipe": "published", "length": 1.0}
    assert departures(SpineConfig.of(published)) == [
        "detector",
        "detector_checkpoint",
        "size",
        "checkpoint",
        "ends",
    ]
    files = {"detector_checkpoint": "coco.pth", "checkpoint": "sam_vit_b_01ec64.pth"}
    whole = published | files | {"detector": "full", "size": "vit_b", "ends": "full"}
    assert departures(SpineConfig.of(whole)) == []
    assert departures(SpineConfig.of(whole | {"options": ["patch=300", "classes=2"]})) == []
    csxa = whole | {"trained_on": "csxa"}
    assert departures(SpineConfig.of(csxa)) == departures(SpineConfig.of(csxa), True, [1.0, 1.003]) == []
    assert departures(SpineConfig.of(csxa), True, [1.0, 0.708]) == ["size of the films"]
    wider = csxa | {"options": ["patch=600", "classes=4"]}
    assert departures(SpineConfig.of(wider)) == ["patch", "classes"], "the program has others there"
    assert departures(SpineConfig.of(whole | {"options": ["doubt=2.0"]})) == ["doubt"]
    assert departures(SpineConfig.of(whole | {"length": 0.5}))[0] == "detector.every"
    assert len(departures(SpineConfig.of(PARAMETERS))) > 30


@pytest.mark.parametrize("recipe", ["common", "published"])
def test_stages_taken_as_they_are_have_no_epochs(recipe):
    table = program_table(SpineConfig.of(PARAMETERS | {"recipe": recipe, "length": 0.0})).set_index("choice")
    said = table.loc[table.index.str.endswith("epochs"), "this run"]
    assert len(said) == 4
    assert set(said) == {"0"}


def test_every_choice_has_one_row_and_a_switch():
    names = [choice.name for choice in CHOICES]
    assert len(set(names)) == len(names)
    assert all(choice.switch for choice in CHOICES)
