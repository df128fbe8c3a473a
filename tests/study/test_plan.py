"""Study files: what they expand to, and how every mistake in them is named."""

import re
from pathlib import Path

import pytest
import yaml

from spinelib.errors import BadInput
from spinelib.runs.names import entry
from spinelib.study import read_study
from tests.tiny import PARAMETERS, write_notebook

GOOD = {
    "title": "Tiny",
    "grid": [64, 32],
    "data": {"tiny": {"dataset": "folder", "source": "$DATA/films"}, "more": {"dataset": "phantom", "patients": 2}},
    "defaults": {"epochs": 2},
    "runs": [
        {
            "notebook": "10_train",
            "method": "unet",
            "variants": ["full", "small"],
            "trained_on": "tiny",
            "seeds": [0, 1],
        },
        {
            "notebook": "10_train",
            "methods": ["fcn8s"],
            "trained_on": "tiny",
            "tested_on": ["tiny", "more"],
            "width": 0.5,
        },
    ],
    "questions": ["00_explore", {"notebook": "90_compare", "after": ["00_explore"], "parameters": {"metric": "iou"}}],
    "comparisons": [["unet/full", "unet/small"]],
    "phantom_development": ["a film.jpg"],
}


@pytest.fixture
def root(tmp_path):
    extra = 'width = 1.0\nepochs = 1\nrate = 0.001\nsources = ["tiny"]\ndevelopment: list[str] = []\ngrid = [1, 1]\n'
    write_notebook(tmp_path / "notebooks" / "10_train.ipynb", PARAMETERS + extra)
    write_notebook(tmp_path / "notebooks" / "00_explore.ipynb", '# parameters\nout = "x"\ndata = ""\n')
    compare = '# parameters\nout = "x"\nresults = ""\nmetric = "dice"\ncomparisons: list[list[str]] = []\n'
    write_notebook(tmp_path / "notebooks" / "90_compare.ipynb", compare)
    (tmp_path / "studies").mkdir()
    return tmp_path


def read(root, **changes):
    file = root / "studies" / "tiny.yaml"
    file.write_text(yaml.safe_dump(GOOD | changes, sort_keys=False))
    return read_study(file, data="my films")


def run(**changes):
    return {"runs": [GOOD["runs"][0] | changes]}


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


VOLUMES = {"dataset": "phantom_mr", "patients": 2, "grid": [6, 64, 32]}
MORE = 'width = 1.0\nepochs = 1\npretrained = ""\nscheme = "split"\nadded: list[str] = []\nfolds = 5\ngrid = [64, 32]\n'


@pytest.fixture
def mixed(root):
    """A study whose notebook knows schemes and added data; `mr` and `more_mr` are volumes, the other data films."""
    write_notebook(root / "notebooks" / "10_train.ipynb", PARAMETERS + MORE)
    explore = '# parameters\nout = "x"\ndata = ""\nsources: list[str] = []\ngrids: list[list[int]] = []\n'
    write_notebook(root / "notebooks" / "00_explore.ipynb", explore)
    data = {**GOOD["data"], "mr": VOLUMES, "more_mr": VOLUMES | {"grid": [8, 64, 32]}}

    def plan(*entries, **changes):
        entries = [{"notebook": "10_train", **entry} for entry in entries]
        given = {"data": data, "runs": entries, "comparisons": [], "questions": ["00_explore"]}
        return read(root, **given | changes)

    return plan


def test_every_run_has_the_grid_of_the_data_that_it_learns_from(mixed):
    study = mixed({"method": "unet", "trained_on": "tiny"}, {"method": "safnet", "trained_on": "mr"})
    grids = {name: job.parameters["grid"] for name, job in study.runs.items()}
    assert grids == {"tiny-unet-full-s0-f0": [64, 32], "mr-safnet-full-s0-f0": [6, 64, 32]}
    # The grid prepares nothing: it is no option of the data set.
    assert study.data["mr"] == {"dataset": "phantom_mr", "patients": 2}
    asked = study.questions["00_explore"].parameters
    assert dict(zip(asked["sources"], asked["grids"], strict=True)) == {
        "tiny": [64, 32],
        "more": [64, 32],
        "mr": [6, 64, 32],
        "more_mr": [8, 64, 32],
    }


def test_folds_scheme_and_added_data_make_runs_with_names_of_their_own(mixed):
    first = {"method": "safnet", "trained_on": "more_mr", "tested_on": ["more_mr", "mr"]}
    whole = {"methods": ["safnet"], "trained_on": "mr", "scheme": "cross", "folds": 3, "fold": [0, 1, 2]}
    more = whole | {"added": ["more_mr"], "pretrained": "more_mr-{method}-{variant}-s0-f0"}
    pair = [["safnet/full_with_more_mr_pretrained", "safnet/full_from_more_mr"], ["safnet/full", "safnet/full"]]
    study = mixed(first, whole, more, comparisons=pair)
    parts = [f"mr-safnet-full-cross-s0-f{k}" for k in range(3)]
    parts += [f"mr-safnet-full-cross-with_more_mr-pretrained-s0-f{k}" for k in range(3)]
    assert list(study.runs) == ["more_mr-safnet-full-s0-f0", *parts]
    job = study.runs[parts[5]]
    assert job.data == ("mr", "more_mr")
    assert job.earlier == "more_mr-safnet-full-s0-f0"
    wanted = {"scheme": "cross", "added": ["more_mr"], "fold": 2, "folds": 3, "grid": [6, 64, 32]}
    assert {name: job.parameters[name] for name in wanted} == wanted
    assert entry(job.parameters) == ("safnet", "full_with_more_mr_pretrained")
    assert entry(study.runs[parts[0]].parameters) == ("safnet", "full")


def test_what_a_run_does_not_say_changes_neither_its_name_nor_its_parameters(mixed):
    job = mixed({"method": "unet", "trained_on": "tiny", "scheme": "split", "added": [], "fold": 0}).runs
    assert list(job) == ["tiny-unet-full-s0-f0"]
    assert not {"scheme", "added", "folds", "pretrained"} & set(job["tiny-unet-full-s0-f0"].parameters)


MR = {"method": "safnet", "trained_on": "mr"}


def test_an_entry_overrides_the_scheme_and_the_added_data_of_the_study(mixed):
    usual = {"scheme": "cross", "added": ["more_mr"]}
    own = {"method": "unet3d", "scheme": "split", "added": []}
    runs = mixed(MR, MR | own, defaults=usual).runs
    assert list(runs) == ["mr-safnet-full-cross-with_more_mr-s0-f0", "mr-unet3d-full-s0-f0"]
    given = [[job.parameters[name] for name in usual] for job in runs.values()]
    assert given == [["cross", ["more_mr"]], ["split", []]]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"method": "safnet", "trained_on": "tiny"}, "run 1 trains 'safnet', a 3-D method, on 'tiny', which are films"),
        ({"method": "unet", "trained_on": "mr"}, "a 2-D method, on 'mr', which are volumes. Choose one of safnet"),
        (MR | {"tested_on": ["mr", "tiny"]}, r"joins 'mr' \(volumes\) and 'tiny' \(films\)"),
        (MR | {"added": ["more"]}, r"joins 'mr' \(volumes\) and 'more' \(films\)"),
        (MR | {"added": ["mr"]}, "adds 'mr' to itself"),
        (MR | {"added": ["mor_mr"]}, "unknown data 'mor_mr'. Did you mean 'more_mr'"),
        (MR | {"scheme": "crss"}, "'scheme: crss' in run 1. Did you mean 'cross'"),
        (MR | {"fold": 5}, "run 1 asks for fold 5 of 5"),
        (MR | {"fold": [0, 3], "folds": 3}, "asks for fold 3 of 3"),
        (MR | {"fold": [0, 0]}, "'fold' in run 1"),
        (MR | {"fold": 1, "folds": [0]}, "both 'fold' and a list of 'folds'"),
        (MR | {"folds": 1}, "'folds' in run 1 is 1. Give 2 or more"),
        (MR | {"parameters": {"scheme": "cross"}}, "'scheme' in the parameters of run 1"),
    ],
)
def test_methods_data_and_folds_that_do_not_go_together_are_refused(mixed, entry, words):
    with pytest.raises(BadInput, match=words):
        mixed(entry)


def test_one_entry_is_tested_by_one_scheme(mixed):
    with pytest.raises(BadInput, match="safnet/full is trained on 'mr' by the schemes split and cross"):
        mixed(MR, MR | {"scheme": "cross"})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"mr": VOLUMES | {"grid": [64, 32]}}, r"data 'mr' are volumes, but their grid is \[64, 32\]"),
        ({"mr": VOLUMES | {"grid": [0, 6, 6]}}, r"the grid of data 'mr' is \[0, 6, 6\]"),
        ({"mr": VOLUMES | {"grid": "big"}}, "the grid of data 'mr' is 'big'"),
        ({"tiny": {"dataset": "phantom", "grid": [6, 64, 32]}}, "data 'tiny' are films, but their grid is"),
    ],
)
def test_a_grid_fits_its_data(mixed, data, words):
    with pytest.raises(BadInput, match=words):
        mixed(data=GOOD["data"] | data)


def test_films_of_two_grids_are_not_scored_together(mixed):
    data = GOOD["data"] | {"more": {"dataset": "phantom", "grid": [32, 32]}}
    with pytest.raises(BadInput, match=r"scores 'more' on \[64, 32\], and its own grid is \[32, 32\]"):
        mixed({"method": "unet", "trained_on": "tiny", "tested_on": ["tiny", "more"]}, data=data)


def test_a_notebook_that_knows_no_scheme_is_named(root):
    with pytest.raises(BadInput, match="declares no parameter 'scheme'"):
        read(root, **run(scheme="cross"))
    with pytest.raises(BadInput, match="declares no parameter 'added'"):
        read(root, **run(added=["more"]))


def test_the_lumbar_study_tests_every_real_volume_of_both_kinds_of_entry():
    study = read_study(STUDIES[0].parent / "lumbar.yaml", "some/folder")
    assert study.data["lumbar"] == {"dataset": "lumbar", "source": "some/folder", "test_fraction": 1.0}
    zero = [job for job in study.runs.values() if job.parameters["trained_on"] == "phantom_mr"]
    assert {job.parameters["method"] for job in zero} == {"safnet", "unet3d", "resunet3d", "deeplabv3_3d", "cfnet3d"}
    assert all("lumbar" in job.parameters["tested_on"] for job in zero)
    real = [job for job in study.runs.values() if job.parameters["trained_on"] == "lumbar"]
    for method in ("safnet", "resunet3d"):
        own = [job.parameters for job in real if job.parameters["method"] == method]
        assert [given["fold"] for given in own] == list(range(5))
        assert {(given["scheme"], given["folds"], *given["added"]) for given in own} == {("cross", 5, "phantom_mr")}
    assert all(job.earlier in study.runs for job in real)
