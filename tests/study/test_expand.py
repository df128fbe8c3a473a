"""What the lists of a study file expand to."""

import pytest

from spinelib.core.errors import BadInput
from spinelib.core.layout import CARD, WEIGHTS
from spinelib.prediction import released
from spinelib.prediction.released import RELEASED
from tests.study.example import GOOD, read, run
from tests.tiny import PARAMETERS, write_notebook


def test_lists_expand_to_runs_with_names_that_say_what_they_are(root):
    study = read(root)
    assert list(study.runs) == [
        "tiny-unet-full-s0-f0",
        "tiny-unet-resnet18-s0-f0",
        "tiny-fcn8s-full-w0p5-s0-f0",
        "tiny-unet-full-s1-f0",
        "tiny-unet-resnet18-s1-f0",
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
    assert compare.parameters["comparisons"] == [["unet/full", "unet/resnet18"]]


def test_adding_a_seed_or_a_method_leaves_the_other_jobs_as_they_were(root):
    before = read(root).runs
    longer = [GOOD["runs"][0] | {"seeds": [0, 1, 2], "folds": [0, 1]}, *GOOD["runs"][1:]]
    after = read(root, runs=[{"notebook": "10_train", "method": "plunet", "trained_on": "more"}, *longer]).runs
    assert {name: after[name] for name in before} == before
    assert len(after) == 1 + 12 + 1


def test_every_first_seed_comes_before_the_second(root):
    longer = [entry | {"seeds": [0, 1]} for entry in GOOD["runs"]]
    jobs = list(read(root, runs=longer).runs.values())
    found = [(job.parameters["seed"], job.parameters["method"], job.parameters["variant"]) for job in jobs]
    entries = [("unet", "full"), ("unet", "resnet18"), ("fcn8s", "full")]
    assert found == [(seed, *entry) for seed in (0, 1) for entry in entries]


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


def test_every_seed_starts_from_the_run_of_its_own(root):
    extra = 'width = 1.0\nepochs = 1\npretrained = ""\n'
    write_notebook(root / "notebooks" / "10_train.ipynb", PARAMETERS + extra)
    usual = {"notebook": "10_train", "method": "unet", "seeds": [0, 1]}
    second = usual | {"trained_on": "tiny", "pretrained": "more-{method}-{variant}-s{seed}-f{fold}"}
    jobs = read(root, runs=[usual | {"trained_on": "more"}, second], comparisons=[]).runs
    assert {name: job.earlier for name, job in jobs.items() if job.earlier} == {
        f"tiny-unet-full-pretrained-s{seed}-f0": f"more-unet-full-s{seed}-f0" for seed in (0, 1)
    }


def test_a_run_may_start_from_a_released_network_that_is_there(root, monkeypatch):
    monkeypatch.setattr(released, "shipped", lambda *parts: root.joinpath(*parts))
    write_notebook(root / "notebooks" / "10_train.ipynb", PARAMETERS + 'width = 1.0\nepochs = 1\npretrained = ""\n')
    entry = {"notebook": "10_train", "method": "unet", "trained_on": "tiny", "pretrained": "film"}
    with pytest.raises(BadInput, match="holds no weights of the released network 'film'"):
        read(root, runs=[entry], comparisons=[])
    folder = RELEASED["film"].folder
    folder.mkdir(parents=True)
    for name in (CARD, WEIGHTS):
        (folder / name).touch()
    (job,) = read(root, runs=[entry], comparisons=[]).runs.values()
    assert (job.earlier, job.parameters["pretrained"]) == ("", "film")


def test_what_a_notebook_starts_from_by_hand_is_nothing_that_a_study_asked_for(root):
    by_hand = 'width = 0.5\nepochs = 1\npretrained = "film"\nrecipe = "common"\n'
    write_notebook(root / "notebooks" / "10_train.ipynb", PARAMETERS + by_hand)
    entry = {"notebook": "10_train", "method": "unet", "trained_on": "tiny"}
    (job,) = read(root, runs=[entry], comparisons=[]).runs.values()
    assert (job.earlier, job.parameters["pretrained"], job.parameters["width"]) == ("", "", 1.0)


def with_precision(root):
    extra = 'precision = "bfloat16+channels_last"\nwidth = 1.0\nepochs = 1\ngrid = [1, 1]\n'
    write_notebook(root / "notebooks" / "10_train.ipynb", PARAMETERS + extra)


def test_a_study_has_one_number_format_and_a_run_with_another_says_so_in_its_name(root):
    with_precision(root)
    entry = GOOD["runs"][0] | {"variants": ["full"], "seeds": [0]}
    other = entry | {"parameters": {"precision": "float32"}}
    given = {"runs": [entry, other], "comparisons": [["unet/full", "unet/full_float32"]]}
    study = read(root, **given)
    assert study.precision == "bfloat16+channels_last"
    assert list(study.runs) == ["tiny-unet-full-s0-f0", "tiny-unet-full-float32-s0-f0"]
    assert [job.parameters.get("precision") for job in study.runs.values()] == [None, "float32"]
    whole = read(root, defaults={"epochs": 2, "precision": "auto"}, runs=[entry], comparisons=[])
    assert whole.precision == whole.runs["tiny-unet-full-s0-f0"].parameters["precision"] == "auto"
    same = read(root, defaults={"precision": "float32"}, runs=[other], comparisons=[])
    assert list(same.runs) == ["tiny-unet-full-s0-f0"]


def test_no_single_run_lets_its_speed_choose_the_number_format(root):
    with_precision(root)
    entry = GOOD["runs"][0] | {"parameters": {"precision": "auto"}}
    with pytest.raises(BadInput, match="run 1 lets its speed choose the number format"):
        read(root, runs=[entry])
