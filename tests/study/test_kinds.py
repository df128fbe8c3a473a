"""Films and volumes, folds, schemes and added data: what a study may join, and what it refuses."""

from pathlib import Path

import pytest

from spinelib.core.errors import BadInput
from spinelib.core.names import entry
from spinelib.study import read_study
from tests.study.example import GOOD, read, run
from tests.tiny import PARAMETERS, write_notebook

STUDIES = Path(__file__).parents[2] / "studies"
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
    study = read_study(STUDIES / "lumbar.yaml", "some/folder")
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
