"""What the runs of a study hold for a claim."""

import json

import numpy as np
import pandas as pd
import pytest

from spinelib.questions.claims.evidence import Held, registered, run_parameters, run_steps, trials
from spinelib.questions.compare import contrasts

CLAIM = {"rule": "difference", "metric": "dice", "unit": "1", "structure": "spine", "one": "a/full", "other": "b/full"}
CLAIM |= {"paper_data": "aasce", "alike": "recipe;width"}


def rows(values, **facts):
    """Rows of entries by name: a value for each patient."""
    usual = {
        "dataset": "d",
        "trained_on": "d",
        "recipe": "common",
        "width": 1.0,
        "seed": 0,
        "fold": 0,
        "view": "coronal",
    }
    usual |= {"condition": "none", "severity": 0, "structure": "spine", "metric": "dice", "unit": "1", "split": "test"}
    usual |= {"near_duplicate": "", "status": "ok", "variant": "full"}
    lines = [
        {"given": name, "method": name[0], "case": f"c{k}", "patient": f"p{k}", "value": v}
        for name, own in values.items()
        for k, v in enumerate(own)
    ]
    table = pd.DataFrame(lines).assign(**(usual | facts))
    return table.assign(run=table["method"] + table["seed"].astype(str) + table["width"].astype(str) + table["recipe"])


def found(claim, *parts, known=None, named=(), **more):
    cases = pd.concat(parts)
    family = contrasts.study_contrasts(cases[cases["condition"] == "none"], named)
    names = known or {"d": "d", "e": "e"}
    return list(trials(CLAIM | claim, Held(contrasts.tested_rows(cases), family, pd.DataFrame(), names, **more)))


PAIR = {"a/full": [0.9, 0.8], "b/full": [0.7, 0.7]}


def test_a_difference_is_the_contrast_of_the_same_patients():
    (trial,) = found({}, rows(PAIR), rows({"a/full": [0.5, 0.5, 0.5]}, metric="hd95"))
    assert [trial[name] for name in ("dataset", "recipe", "width", "seeds", "n")] == ["d", "common", 1.0, 1, 2]
    assert (trial["mean"], trial["verdict"]) == (pytest.approx(0.15), "one training")
    assert found({}, rows({"a/full": [0.9, 0.8]})) == []


def test_a_named_pair_has_the_row_of_the_family():
    many = {
        name: level + 0.01 * np.sin(np.arange(12) * turn)
        for name, level, turn in (("a/full", 0.9, 1), ("b/full", 0.7, 2))
    }
    parts = rows(many), rows(many, seed=1)
    (trial,) = found({}, *parts, named=[["b/full", "a/full"]])
    assert trial["named"]
    assert (trial["verdict"], trial["seeds"]) == ("better", 2)
    (trial,) = found({}, *parts)
    assert trial["verdict"] == "not named"


def test_the_published_recipe_goes_before_the_common_one_and_wide_before_narrow():
    half, whole = rows(PAIR, width=0.5, variant="half"), rows(PAIR)
    own = rows(PAIR, width=0.25, recipe="published", variant="own")
    assert [t["width"] for t in found({}, half, whole)] == [1.0]
    assert [(t["recipe"], t["width"]) for t in found({}, half, whole, own)] == [("published", 0.25)]
    assert [t["dataset"] for t in found({}, half, rows(PAIR, dataset="e"))] == ["d", "e"]


def test_a_level_asks_for_the_papers_data():
    level = {"rule": "level"}
    assert found(level, rows(PAIR)) == []
    (trial,) = found(level, rows(PAIR), known={"d": "aasce"})
    assert (trial["mean"], trial["n"], trial["verdict"]) == (pytest.approx(0.85), 2, "one training")


def test_a_drop_is_what_corruption_takes_and_its_kind_may_matter():
    blur, window = (
        rows({"a/full": a, "b/full": [0.2, 0.2]}, condition=c, severity=3)
        for c, a in (("blur", [0.8, 0.8]), ("window", [0.9, 0.8]))
    )
    (every,) = found({"rule": "drop"}, rows(PAIR), blur, window)
    # a loses -0.05 and 0, b -0.5 each.
    assert every["mean"] == pytest.approx((0.45 + 0.5) / 2)
    (other,) = found({"rule": "drop_contrast"}, rows(PAIR), blur, window)
    assert other["mean"] == pytest.approx(0.5)


def test_runs_that_are_no_fair_pair_have_a_reason_and_no_numbers():
    claim = {"alike": "recipe;width;regressor", "one": "seg/full", "other": "seg/deep"}
    own = rows(PAIR).assign(method="seg", variant=lambda t: t["given"].map({"a/full": "full", "b/full": "deep"}))
    own["given"] = own["method"] + "/" + own["variant"]
    given = {"method": "seg4regplus", "options": []}
    runs = {"a0": given, "b0": given | {"variant": "densenet169"}}
    own["run"] = own["variant"].map({"full": "a0", "deep": "b0"})
    (trial,) = found(claim, own, parameters=runs)
    assert trial["unlike"] == "runs with one regressor on both sides (here resnet34 and densenet169)"
    assert "mean" not in trial
    (trial,) = found(claim, own, parameters={"a0": given, "b0": given})
    assert trial["mean"] == pytest.approx(0.15)
    narrow = own.assign(width=0.5, run=own["run"] + "n")
    (trial,) = found(claim, own, narrow, parameters={**runs, "a0n": given, "b0n": given})
    assert (trial["width"], trial["mean"]) == (0.5, pytest.approx(0.15)), "a fair pair is found behind one that is none"


def fewer(values, films):
    own = rows(values).assign(variant=f"full_films{films}")
    return own.assign(given=own["given"] + f"_films{films}", run=own["run"] + f"f{films}")


def test_fewer_films_are_judged_in_as_many_steps_alone():
    claim, parts = {"rule": "fewer_films"}, (rows(PAIR), fewer({"a/full": [0.8, 0.8], "b/full": [0.5, 0.5]}, 8))
    steps = {run: 100.0 for part in parts for run in part["run"]}
    (trial,) = found(claim, *parts, steps=steps)
    assert trial["mean"] == pytest.approx(-0.05 - -0.2)
    short = {name: 25.0 if name.startswith("b") and name.endswith("f8") else count for name, count in steps.items()}
    (trial,) = found(claim, *parts, steps=short)
    assert trial["unlike"] == "runs of b/full in as many steps from fewer films as from all (here 25, 100)"
    (trial,) = found(claim, *parts)
    assert "a/full" in trial["unlike"], "what is not recorded is not taken to be alike"


def test_the_steps_of_every_run_are_known_by_its_name(tmp_path):
    for name, facts in (("one", {"training": {"steps": 12}}), ("asked", {})):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "run.json").write_text(json.dumps({"parameters": {}, "facts": facts}))
    assert run_steps(tmp_path) == {"asked": 0.0, "one": 12.0}


def test_the_course_of_trainings_needs_no_cases():
    courses = pd.DataFrame(
        [(name, "d", "common", 1.0, 9, seed, 4.0 + seed, 0.1, 0.0) for name in PAIR for seed in (0, 1)],
        columns=["name", "dataset", "recipe", "width", "epochs", "seed", "settled_epoch", "loss_wobble", "loss_gap"],
    )
    claim = {"rule": "course", "metric": "settled_epoch"}
    (trial,) = found(claim, rows(PAIR), courses=courses)
    assert (trial["mean"], trial["seeds"]) == (0.0, 2)


def test_the_parameters_of_every_run_are_known_by_its_name(tmp_path):
    (tmp_path / "runs" / "one").mkdir(parents=True)
    (tmp_path / "runs" / "one" / "run.json").write_text(json.dumps({"parameters": {"width": 1.0}, "facts": {}}))
    assert run_parameters(tmp_path) == {"one": {"width": 1.0}}


def test_the_registered_data_set_is_that_of_the_options(tmp_path):
    (tmp_path / "data" / "skin").mkdir(parents=True)
    (tmp_path / "data" / "skin" / "options.json").write_text('{"dataset": "isic2016"}')
    assert registered(tmp_path, ["skin", "phantom"]) == {"skin": "isic2016", "phantom": "phantom"}
