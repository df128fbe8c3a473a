"""Study files: what they expand to, and how every mistake in them is named."""

import re
from pathlib import Path

import pytest
import yaml

from spinelib.core.errors import BadInput
from spinelib.core.names import entry
from spinelib.study import read_study
from tests.study.example import GOOD, read, run
from tests.tiny import PARAMETERS, write_notebook


def test_lists_expand_to_runs_with_names_that_say_what_they_are(root):
    study = read(root)
    assert list(study.runs) == [
        "tiny-unet-full-s0-f0",
        "tiny-unet-full-s1-f0",
        "tiny-unet-small-s0-f0",
        "tiny-unet-small-s1-f0",
        "tiny-fcn8s-full-w0p5-s0-f0",
    ]
    job = study.runs["tiny-fcn8s-full-w0p5-s0-f0"]
    assert job.data == ("tiny", "more")
    assert job.parameters == {
        "study": "tiny",
        "out": "../reports/tiny/runs/tiny-fcn8s-full-w0p5-s0-f0",
        "data": "../reports/tiny/data",
        "trained_on": "tiny",
        "tested_on": ["tiny", "more"],
        "method": "fcn8s",
        "variant": "full",
        "seed": 0,
        "fold": 0,
        "width": 0.5,
        "epochs": 2,
        "sources": ["tiny", "more"],
        "development": ["a film"],
        "grid": [64, 32],
    }
    assert study.data["tiny"]["source"] == "my films/films"


def test_questions_know_what_they_wait_for(root):
    questions = read(root).questions
    assert not questions["00_explore"].needs_runs
    assert questions["00_explore"].data == ("tiny", "more")
    compare = questions["90_compare"]
    assert compare.needs_runs
    assert compare.after == ("00_explore",)
    assert compare.parameters["results"] == "../reports/tiny"
    assert compare.parameters["metric"] == "iou"
    assert compare.parameters["comparisons"] == [["unet/full", "unet/small"]]


def test_adding_a_seed_or_a_method_leaves_the_other_jobs_as_they_were(root):
    before = read(root).runs
    longer = [GOOD["runs"][0] | {"seeds": [0, 1, 2], "folds": [0, 1]}, *GOOD["runs"][1:]]
    after = read(root, runs=[{"notebook": "10_train", "method": "plunet", "trained_on": "more"}, *longer]).runs
    assert {name: after[name] for name in before} == before
    assert len(after) == 1 + 12 + 1


def test_arguments_survive_papermills_own_yaml_reader(root):
    job = read(root, **run(parameters={"rate": 1e-05})).runs["tiny-unet-full-s0-f0"]
    assert yaml.safe_load(job.arguments) == job.parameters
    assert "\n" not in job.arguments


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"titel": "x"}, "unknown key 'titel' in the study. Did you mean 'title'"),
        ({"title": 3}, "'title' in the study is 3. Give a str"),
        ({"threads": True}, "'threads' in the study is True. Give a int"),
        ({"data": {"tiny": {"patients": 3}}}, "data 'tiny' names no dataset"),
        ({"data": {"Tiny!": {"dataset": "phantom"}}}, "'Tiny!' is no name for data"),
        (run(sedes=[1]), "unknown key 'sedes' in run 1. Did you mean 'seeds'"),
        (run(seeds=[]), r"'seeds' in run 1 is \[\]"),
        (run(seeds=[1, 1]), "different whole numbers"),
        (run(folds=["a"]), "'folds' in run 1"),
        (run(method="unet", methods=["unet"]), "both 'method' and 'methods'"),
        (run(variants=["Full"]), "'Full' is no name for a variant in run 1"),
        (run(trained_on="tinny"), "unknown data 'tinny'. Did you mean 'tiny'"),
        (run(tested_on=["mroe"]), "unknown data 'mroe'. Did you mean 'more'"),
        (run(notebook="10_tarin"), "10_tarin.ipynb: no such notebook. Did you mean '10_train'"),
        (run(notebook="00_explore"), "00_explore.ipynb: declares no parameter 'study'"),
        (run(parameters={"epoch": 3}), "unknown parameter 'epoch'. Did you mean 'epochs'"),
        (run(parameters={"epochs": 0.5}), "'epochs': 0.5 is not of type int"),
        (run(parameters={"epochs": True}), "True is not of type int"),
        (run(parameters={"epochs": None}), "None is not of type int"),
        (run(parameters={"seed": 3}), "'seed' in the parameters of run 1"),
        (run(recipe="published"), "declares no parameter 'recipe'"),
        ({"runs": GOOD["runs"] + GOOD["runs"][:1]}, "run 3 repeats the run 'tiny-unet-full-s0-f0'"),
        ({"runs": [3]}, "run 1 is 3, not a mapping"),
        ({"defaults": {"epochz": 2}}, "no notebook declares the default 'epochz'. Did you mean 'epochs'"),
        ({"questions": ["90_comapre"]}, "Did you mean '90_compare'"),
        ({"questions": [{"notebook": "90_compare", "after": ["00"]}]}, "'after: 00' in question 1"),
        ({"questions": [{"notebook": "90_compare", "parameters": {"metrik": "x"}}]}, "Did you mean 'metric'"),
        ({"comparisons": [["unet/full", "unet/smal"]]}, "comparison with 'unet/smal'. Did you mean 'unet/small'"),
        ({"comparisons": ["unet/full"]}, "is not a pair"),
    ],
)
def test_mistakes_are_named_with_their_file_and_the_closest_word(root, changes, words):
    with pytest.raises(BadInput, match=words) as caught:
        read(root, **changes)
    assert ".yaml" in str(caught.value) or ".ipynb" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title: a\ntitle: b\n", "line 2: key 'title' is given twice"),
        ("title: [a\n", "is not readable YAML"),
        ("- a\n", "is not a mapping"),
        ("question: what\n", "the study has no 'title'"),
    ],
)
def test_files_that_are_no_studies_are_named(tmp_path, text, words):
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    with pytest.raises(BadInput, match=words):
        read_study(file)


def test_a_misspelt_study_and_missing_files_of_the_user(root):
    read(root)
    with pytest.raises(BadInput, match="Did you mean 'tiny'"):
        read_study(root / "studies" / "tinny.yaml")
    with pytest.raises(BadInput, match="make study STUDY=tiny DATA=folder"):
        read_study(root / "studies" / "tiny.yaml")


def test_a_run_that_shall_start_first_is_marked_and_stays_the_same_run(root):
    plain, marked = (read(root, **run(**more)).runs for more in ({}, {"first": True}))
    assert list(plain) == list(marked)
    assert [job.first for job in plain.values()] == [False] * len(plain)
    assert all(job.first for job in marked.values())
    assert [job.parameters for job in plain.values()] == [job.parameters for job in marked.values()]


def test_a_tag_keeps_two_runs_of_the_same_kind_apart(root):
    tagged = GOOD["runs"][0] | {"tag": "long", "parameters": {"epochs": 9}}
    runs = read(root, runs=[*GOOD["runs"], tagged]).runs
    assert runs["tiny-unet-full-long-s0-f0"].parameters["epochs"] == 9


@pytest.mark.parametrize("where", ["defaults", "parameters"])
def test_a_study_may_call_a_parameter_by_its_former_name(root, where, capsys):
    cell = PARAMETERS + "epochs = 2\naugmentation_strength: float = 1.0\n"
    write_notebook(root / "notebooks" / "10_train.ipynb", "# What?", cell)
    given = run(parameters={"moves": 0.4}) if where == "parameters" else run() | {"defaults": {"moves": 0.4}}
    runs = read(root, comparisons=[], **given).runs
    assert {job.parameters["augmentation_strength"] for job in runs.values()} == {0.4}
    assert capsys.readouterr().out.count("'moves' is the former name") == 1


def test_a_run_that_starts_from_another_waits_for_it(root):
    extra = 'width = 1.0\nepochs = 1\npretrained = ""\n'
    write_notebook(root / "notebooks" / "10_train.ipynb", PARAMETERS + extra)
    first = {"notebook": "10_train", "method": "unet", "trained_on": "more"}
    second = {"notebook": "10_train", "method": "unet", "trained_on": "tiny", "pretrained": "more-unet-full-s0-f0"}
    pair = [["unet/full_pretrained", "unet/full"]]
    jobs = read(root, runs=[first, second], comparisons=pair).runs
    job = jobs["tiny-unet-full-pretrained-s0-f0"]
    assert job.earlier == "more-unet-full-s0-f0"
    assert job.parameters["pretrained"] == "../reports/tiny/runs/more-unet-full-s0-f0"
    assert not jobs["more-unet-full-s0-f0"].earlier
    with pytest.raises(BadInput, match="no run before it"):
        read(root, runs=[second, first], comparisons=[])
    third = second | {"pretrained": "weights/mine.safetensors"}
    (job,) = read(root, runs=[third], comparisons=[]).runs.values()
    assert (job.earlier, job.parameters["pretrained"]) == ("", "../weights/mine.safetensors")


def test_the_width_is_part_of_a_name_where_a_network_comes_in_several(root):
    first = {"notebook": "10_train", "method": "fcn8s", "trained_on": "tiny", "width": 0.5}
    write_notebook(root / "notebooks" / "10_train.ipynb", PARAMETERS + "width = 1.0\nepochs = 1\n")
    pair = [["fcn8s/full_width_0.5", "fcn8s/full_width_1"]]
    assert read(root, runs=[first, first | {"width": 1.0}], comparisons=pair).comparisons == pair
    with pytest.raises(BadInput, match="fcn8s/full"):
        read(root, runs=[first], comparisons=pair)


STUDIES = sorted((Path(__file__).parents[2] / "studies").glob("*.yaml"))


@pytest.mark.parametrize("file", STUDIES, ids=lambda file: file.stem)
def test_every_study_of_the_repository_can_be_planned(file):
    study = read_study(file, "some/folder")
    assert study.title
    assert study.runs
    pairs = [pair for job in study.questions.values() for pair in job.parameters.get("comparisons", [])]
    used = {re.sub(r"_from_.*|_published|_width_.*", "", name) for pair in pairs for name in pair}
    assert used <= {"/".join(entry(job.parameters)) for job in study.runs.values()}
