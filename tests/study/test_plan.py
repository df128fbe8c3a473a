"""Study files: how every mistake in them is named, and what may be compared."""

import re
from pathlib import Path

import pytest

from spinelib.core.errors import BadInput
from spinelib.core.names import entry
from spinelib.study import read_study
from spinelib.study.schema import load_study_file
from tests.study.example import GOOD, read, run
from tests.tiny import PARAMETERS, write_notebook


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


def test_a_misspelt_study_and_missing_files_of_the_user(root):
    read(root)
    with pytest.raises(BadInput, match="Did you mean 'tiny'"):
        read_study(root / "studies" / "tinny.yaml")
    with pytest.raises(BadInput, match="make study STUDY=tiny DATA=folder"):
        read_study(root / "studies" / "tiny.yaml")


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
    stands_in = any("otherwise" in options for options in load_study_file(file).get("data", {}).values())
    study = read_study(file, "" if stands_in else "some/folder")
    assert study.title
    assert study.runs
    pairs = [pair for job in study.questions.values() for pair in job.parameters.get("comparisons", [])]
    used = {re.sub(r"_from_.*|_published|_width_.*", "", name) for pair in pairs for name in pair}
    assert used <= {"/".join(entry(job.parameters)) for job in study.runs.values()}
