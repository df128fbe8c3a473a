"""A study at a smaller scale: everything shrinks together, and nothing of it passes for a paper's own recipe."""

from pathlib import Path

import pytest

from spinelib.core.errors import BadInput
from spinelib.core.names import SHORTENED
from spinelib.study.plan import read_study
from spinelib.study.scale import at_scale, rename_recipe

FILE = Path("studies/tiny.yaml")
PAPERS = ("r2mf_paper", "mdwc_paper", "safnet_paper", "spinefm_paper", "seg4reg_paper")
STUDIES = Path(__file__).parents[2] / "studies"
SMALL = {"patients": 0.1, "width": 0.25, "size": 0.5, "epochs": 0.2, "seeds": 1}
GIVEN = {
    "title": "T",
    "banner": "B.",
    "grid": [18, 256, 128],
    "data": {
        "made": {"dataset": "phantom", "patients": 200, "size": [512, 256]},
        "real": {"dataset": "x", "source": "s"},
    },
    "defaults": {"width": 0.5, "epochs": 100, "recipe": "published", "batch": 8},
    "runs": [
        {"notebook": "n", "trained_on": "made", "seeds": [0, 1, 2], "parameters": {"train_films": 160, "epochs": 3}},
        {"notebook": "n", "trained_on": "real", "recipe": "common", "width": 1.0, "parameters": {"batch": 32}},
    ],
    "questions": ["a", {"notebook": "b", "parameters": {"patients": 0}}],
    "comparisons": [["m/full_published", "m/full_films160_published"]],
    "scales": {
        "small": {**SMALL, "given": {"epochs": 2}, "parameters": {"batch": 2}, "questions": {"b": {"patients": 4}}}
    },
}


@pytest.mark.parametrize("key", ["slices", "folds"])
def test_slices_and_folds_are_never_negative(key):
    with pytest.raises(BadInput, match=f"'{key}' of the scale 'small' is -1"):
        at_scale(FILE, {**GIVEN, "scales": {"small": {**SMALL, key: -1}}}, "small")


def test_volumes_keep_so_many_slices_and_a_study_so_many_folds():
    runs = [{"notebook": "n", "fold": 0}, {"notebook": "n", "fold": [1, 2, 3]}, {"notebook": "n", "fold": [2, 3]}]
    data = {"made": {"dataset": "phantom_mr", "patients": 200}}
    given = {**GIVEN, "data": data, "runs": runs, "scales": {"small": {**SMALL, "slices": 12, "folds": 2}}}
    made = at_scale(FILE, given, "small")
    assert made["grid"] == [12, 128, 64]
    assert [entry["fold"] for entry in made["runs"]] == [0, [1]]
    assert "50 % of the rows and columns, 20 % of the epochs, 12 slices, the first 2 folds" in made["banner"]


def test_patients_channels_size_length_and_seeds_shrink_together():
    made = at_scale(FILE, GIVEN, "small")
    assert made["grid"] == [18, 128, 64]
    assert made["data"]["made"] == {"dataset": "phantom", "patients": 20, "size": [256, 128]}
    assert made["data"]["real"] == GIVEN["data"]["real"]
    assert made["defaults"] == {"width": 0.125, "epochs": 20, "recipe": SHORTENED, "batch": 2}
    first, second = made["runs"]
    assert first["seeds"] == [0]
    assert first["parameters"] == {"train_films": 16, "epochs": 1}
    assert (second["width"], second["recipe"], second["parameters"]) == (
        0.25,
        "common",
        {"batch": 2, "epochs": 2},
    )
    assert made["questions"] == ["a", {"notebook": "b", "parameters": {"patients": 4}}]
    assert made["comparisons"] == [["m/full_shortened", "m/full_films16_shortened"]]
    assert made["title"] == "T (small scale)"
    assert made["banner"].startswith(
        "At small scale: 10 % of the digital patients, 25 % of the channels, 50 % of the rows"
    )
    assert "1 of 3 seeds" in made["banner"]
    assert "nothing here replicates" in made["banner"]
    assert made["banner"].endswith("replicates or contradicts one. B")  # pages add the full stop
    assert at_scale(FILE, GIVEN, "") == GIVEN


@pytest.mark.parametrize(
    ("scales", "words"),
    [
        ({}, "has no scale 'small'"),
        ({"smal": SMALL}, "Did you mean 'smal'"),
        ({"small": {**SMALL, "width": 2}}, "'width' of the scale 'small' is 2"),
        ({"small": {**SMALL, "patients": 0}}, "'patients' of the scale 'small' is 0"),
        ({"small": {**SMALL, "seeds": 0}}, "'seeds' of the scale 'small' is 0"),
        ({"small": {**SMALL, "epoch": 0.1}}, "unknown key 'epoch'.*Did you mean 'epochs'"),
        ({"small": {key: SMALL[key] for key in ("patients", "width")}}, "has no 'size'"),
    ],
)
def test_a_faulty_scale_is_named(scales, words):
    with pytest.raises(BadInput, match=words):
        at_scale(FILE, {**GIVEN, "scales": scales}, "small")


def test_a_recipe_is_renamed_in_names_of_entries_alone():
    pairs = [["a/full_published", "b/full_published_width_0.5"], ["a/published_x", 3], "odd"]
    assert rename_recipe(pairs, "published", "common") == [["a/full", "b/full_width_0.5"], ["a/published_x", 3], "odd"]
    assert rename_recipe(pairs[:1], "published", "common", {"a"}) == [["a/full", "b/full_published_width_0.5"]]


def plan(study):
    """What is run and asked, without a number that a scale may change."""
    seen = ("method", "variant", "trained_on", "tested_on", "views", "fold", "scheme")
    runs = {(job.notebook.stem, *(str(job.parameters.get(key)) for key in seen)) for job in study.runs.values()}
    films = {bool(job.parameters.get("train_films")) for job in study.runs.values()}
    return runs, films, {name: job.after for name, job in study.questions.items()}


@pytest.mark.parametrize("name", PAPERS)
def test_a_papers_study_at_small_scale_is_the_same_plan_with_other_numbers(name):
    full, small = (read_study(STUDIES / f"{name}.yaml", "", scale) for scale in ("", "small"))
    runs, *others = plan(full)
    folds = {run for run in runs if run[6] in ("None", "0", "1")} if name == "safnet_paper" else runs
    assert [folds, *others] == list(plan(small))
    assert len(full.runs) * len(folds) == 3 * len(small.runs) * len(runs)
    assert len(full.comparisons) == len(small.comparisons)
    assert (full.name, small.name) == (name, f"{name}_small")
    assert full.folder != small.folder
    assert "At small scale:" in small.banner
    assert {job.parameters["seed"] for job in full.runs.values()} == {0, 1, 2}
    assert {job.parameters["width"] for job in full.runs.values()} == {1.0}
    assert {job.parameters["recipe"] for job in small.runs.values()} <= {SHORTENED, "common"}
    assert {job.parameters["width"] for job in small.runs.values()} == {0.25}


@pytest.mark.parametrize(
    ("name", "folder"), [("mdwc_paper", "aasce2019"), ("safnet_paper", "mrspineseg"), ("spinefm_paper", "nhanes2")]
)
def test_a_papers_study_at_small_scale_takes_data_of_the_users(name, folder, tmp_path):
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "film.png").touch()
    study = read_study(STUDIES / f"{name}.yaml", str(tmp_path), "small")
    assert any(folder in options.get("source", "") for options in study.data.values())


@pytest.mark.parametrize(("patients", "films"), [(0.1, 16), (0.01, 4)])
def test_fewer_films_stay_the_same_share_of_all(patients, films):
    few = [{"notebook": "n", "trained_on": name, "parameters": {"train_films": 160}} for name in ("made", "real")]
    scales = {"small": {**SMALL, "patients": patients}}
    study = at_scale(FILE, {**GIVEN, "runs": few, "scales": scales}, "small")
    made, real = (entry["parameters"]["train_films"] for entry in study["runs"])
    # However few patients are left: never fewer than five.
    assert made / 160 == study["data"]["made"]["patients"] / 200
    assert (made, real) == (films, 160)
    named = [f"m/full_films{count}_shortened" for count in (films, 160)]
    assert study["comparisons"] == [["m/full_shortened", name] for name in named]


@pytest.mark.parametrize(("folder", "data", "films"), [("csxa", "phantom_lateral", 14), ("nhanes2", "nhanes2", 95)])
def test_a_quarter_of_the_films_stays_a_quarter_of_those_that_are_given(tmp_path, folder, data, films):
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "film.png").touch()
    study = read_study(STUDIES / "spinefm_paper.yaml", str(tmp_path), "small")
    runs = [job.parameters for job in study.runs.values() if job.parameters["trained_on"] == data]
    for method, length in (("spinefm", "length"), ("unet", "epochs")):
        own = [given for given in runs if (given["method"], given["variant"]) == (method, "full")]
        (few,) = (given for given in own if given.get("train_films"))
        (every,) = (given for given in own if not given.get("train_films"))
        assert few["train_films"] == films
        assert few[length] / every.get(length, 1.0) == 4
        assert few.get("lengths") == every.get("lengths")
