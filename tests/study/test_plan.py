"""Study files: how every mistake in them is named, and what may be compared."""

import copy
import json
import random
import re
import subprocess
import sys
from functools import reduce
from pathlib import Path

import pytest
import yaml

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
        (
            {"comparisons": [["unet/full", "unet/resnet1"]]},
            "comparison with 'unet/resnet1'. Did you mean 'unet/resnet18'",
        ),
        ({"comparisons": ["unet/full"]}, "is not a pair"),
        ({"comparisons": [[["unet/full", "unet/resnet18"], "unet/full"]]}, "is not a pair"),
        ({"comparisons": [[{"a": "b"}, None]]}, "is not a pair"),
        ({"threads": 0}, "'threads' in the study is 0. Give 1 or more"),
        ({"minutes": -5}, "'minutes' in the study is -5"),
        ({"grid": [64, 10**12]}, "the grid of the study is"),
        ({"data": {"tiny": {"dataset": "foldr"}}}, "data 'tiny': foldr: is no data set. Did you mean 'folder'"),
        ({"data": {**GOOD["data"], "more": {"dataset": "phantom", "patients": "lots"}}}, "patients is 'lots'"),
        ({"data": {**GOOD["data"], "more": {"dataset": "phantom", "patents": 2}}}, "Did you mean 'patients'"),
        ({"data": {**GOOD["data"], "more": {"dataset": "folder", "source": ["a"]}}}, "'source' holds"),
        ({"data": {**GOOD["data"], "more": {"dataset": "folder", "otherwise": ["a"]}}}, "'otherwise' holds"),
        (run(tested_on=[["tiny"]]), "'tested_on' holds"),
        (run(added=[{"a": "b"}]), "'added' holds"),
        (run(variants=[]), "'variants' in run 1 is "),
        (run(seeds=[2**32]), "different whole numbers below 4294967296"),
        (run(tag="../x"), "'../x' is no name for 'tag' in run 1"),
        (run(parameters={"epochs": 0}), "parameter 'epochs': 0 is not above 0"),
        (run(width=0), "parameter 'width': 0.0 is not above 0"),
        (run(parameters={"out": "x"}), "'out' in the parameters of run 1"),
        ({"defaults": {"width": -1}}, "parameter 'width': -1.0 is not above 0"),
        ({"defaults": {"width": "wide"}}, "'width' in the defaults is 'wide'"),
        ({"defaults": {"added": 3}}, "'added' in the defaults is 3"),
        ({"defaults": {"added": [[3]]}}, "'added' holds"),
        ({"defaults": {"out": "films"}}, "'out' in the defaults"),
        ({"defaults": {"seed": 3}}, "'seed' in the defaults"),
        ({"questions": ["00_explore", "90_compare", "00_explore"]}, "question 3 asks '00_explore' a second time"),
        ({"questions": [{"notebook": "90_compare", "after": [["x"]]}]}, "'after' holds"),
        *(
            ({"questions": [{"notebook": "90_compare", "parameters": {name: "../films"}}]}, f"'{name}' in the param")
            for name in ("out", "results", "data", "study")
        ),
        ({"scales": {"small": 3}}, "the scale 'small' is 3, not a mapping"),
    ],
)
def test_mistakes_are_named_with_their_file_and_the_closest_word(root, changes, words):
    with pytest.raises(BadInput, match=words) as caught:
        read(root, **changes)
    assert ".yaml" in str(caught.value) or ".ipynb" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title: " + "[" * 3000 + "]" * 3000, "nests lists or mappings too deeply"),
        ("title: x\nthreads: " + "9" * 6000, "is not readable YAML"),
        ("title: x\nthreads: 2024-99-99", "is not readable YAML"),
    ],
)
def test_text_that_yaml_cannot_take_is_refused_in_words(tmp_path, text, words):
    file = tmp_path / "odd.yaml"
    file.write_text(text)
    with pytest.raises(BadInput, match=words):
        load_study_file(file)


def test_a_mistake_in_a_study_at_a_smaller_scale_is_told_as_at_full_scale(root):
    small = {"patients": 0.1, "width": 0.25, "size": 0.5, "epochs": 0.2, "seeds": 1}
    study = {**GOOD, "defaults": {"epochs": "many"}, "scales": {"small": small}}
    file = root / "studies" / "tiny.yaml"
    file.write_text(yaml.safe_dump(study))
    with pytest.raises(BadInput, match="'epochs': 'many' is not of type int"):
        read_study(file, "my films", "small")


EVERYTHING = """
title: T
question: q
banner: b
grid: [64, 32]
data:
  phantom: {dataset: phantom, patients: 6, seed: 3, size: [64, 32], views: [coronal], test_fraction: 0.5}
  own: {dataset: folder, source: $DATA/x, otherwise: phantom, classes: "a, b"}
  mr: {dataset: phantom_mr, grid: [12, 96, 48]}
defaults: {epochs: 1, batch: 2, width: 0.25, added: [], recipe: common, precision: float32}
runs:
  - {notebook: 20_baseline, methods: [fcn8s, transunet], variants: [full], trained_on: phantom, tested_on: [phantom],
     seeds: [0, 1], folds: [0, 1], tag: a, first: true, parameters: {views: [coronal], options: [dropout=0]}}
  - {notebook: 13_spinefm, method: spinefm, trained_on: phantom, pretrained: phantom-fcn8s-full-w0p25-a-s0-f0,
     parameters: {checkpoint: $DATA/sam.pth, lengths: [1.0, 1.0, 1.0, 1.0]}}
  - {notebook: 12_safnet, method: safnet, trained_on: mr, width: 0.5, scheme: cross, folds: 5, fold: [1]}
questions: [00_explore, {notebook: 90_compare, after: [00_explore], parameters: {structure: spine}}]
comparisons: [[fcn8s/full_dropout0_views_coronal_float32, transunet/full_dropout0_views_coronal_float32]]
phantom_development: [x]
threads: 1
memory_mb: 100
minutes: 3
scales:
  small: {patients: 0.1, width: 1, size: 0.5, epochs: 0.2, seeds: 1, data: {phantom: {patients: 5}},
          parameters: {batch: 2}, questions: {90_compare: {structure: x}}, given: {epochs: 2}}
"""
ODD = (None, True, 3, -1, 2.5, float("inf"), 10**30, "x", "", "$DATA", [], [[]], {}, {"a": {"b": []}}, {3: 4})


def places(node, path=()):
    """The path of every value in a study."""
    yield from [path] if path else []
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in pairs:
        yield from places(value, (*path, key))


def test_any_value_at_any_place_of_a_study_is_read_or_refused_in_words(tmp_path):
    whole, draw = yaml.safe_load(EVERYTHING), random.Random(0)
    (tmp_path / "studies").mkdir()
    file, refused = tmp_path / "studies" / "t.yaml", 0
    file.write_text(EVERYTHING)
    assert len(read_study(file, scale="small").runs) == 6
    for path in places(whole):
        given = copy.deepcopy(whole)
        reduce(lambda node, key: node[key], path[:-1], given)[path[-1]] = draw.choice(ODD)
        file.write_text(json.dumps(given).replace("Infinity", ".inf"))
        try:
            read_study(file, scale="small")
        except BadInput:
            refused += 1
    assert refused > 70


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


LOADS = """
import sys
from spinelib.study import driver
study = driver.read_study("studies/tiny.yaml", data="my films")
print(*sorted({"torch", "pandas", "scipy"} & sys.modules.keys()))
"""


def test_a_study_whose_data_have_been_prepared_is_read_without_loading_what_prepares_them(root, monkeypatch):
    monkeypatch.chdir(root)
    study = read(root, questions=["00_explore"])
    for name, options in study.data.items():
        prepared = study.files.data(name)
        prepared.root.mkdir(parents=True)
        prepared.options.write_text(json.dumps(options, sort_keys=True, indent=1) + "\n")
    done = subprocess.run([sys.executable, "-c", LOADS], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
