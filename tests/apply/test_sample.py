"""What stands in where nobody names a run or films."""

import json

import pytest

from spinelib import apply
from spinelib.apply.sample import BROKEN, pick_run, sample_cases
from spinelib.core.errors import BadInput

from ..cases.films import NAME
from .made import finished


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return finished(tmp_path_factory.mktemp("study"))


def test_where_nobody_names_films_test_cases_stand_in_and_one_is_cut_short(run, tmp_path):
    assert apply.pick_run(run.parents[1]) == run
    folder = apply.sample_cases(run, tmp_path / "sample", 2)
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 3
    applied = apply.apply_run(run, folder, tmp_path / "out", progress=False)
    assert (applied.made, applied.failed) == (2, 1)
    figure = apply.thumbnails(applied, 0, 8)
    assert sum(bool(ax.images) for ax in figure.axes) == 2
    assert apply.thumbnails(applied, 2, 8) is None


def rewritten(run, name, best=0.5, **changes):
    """A copy of the run's folder with another best Dice and other parameters."""
    copy = run.with_name(name)
    copy.mkdir()
    for path in run.iterdir():
        if path.is_file():
            (copy / path.name).write_bytes(path.read_bytes())
    record = json.loads((run / "run.json").read_text())
    record["parameters"] |= changes
    record["facts"]["training"]["best_dice"] = best
    (copy / "run.json").write_text(json.dumps(record))
    return copy


def test_the_best_full_model_of_the_first_data_is_picked(tmp_path):
    run = finished(tmp_path)
    (tmp_path / "study.json").write_text(json.dumps({"data": {"own": {}, "other": {}}}))
    rewritten(run, "other-data", 0.99, trained_on="other")
    rewritten(run, "ablated", 0.98, variant="no_scse")
    rewritten(run, "published", 0.97, recipe="published")
    better = rewritten(run, "better", 0.6)
    for name in ("model.safetensors", "model.json"):
        (rewritten(run, f"without-{name}", 0.96) / name).unlink()
    assert pick_run(tmp_path) == better
    (tmp_path / "study.json").write_text(json.dumps({"data": {"own": ""}, "runs": [{"id": run.name}]}))
    assert pick_run(tmp_path) == run, "the better one is of an earlier plan"


def test_a_study_without_a_finished_run_is_refused_with_a_remedy(tmp_path):
    with pytest.raises(BadInput, match=r"no finished run with weights.* Run 'make study' first"):
        pick_run(tmp_path)


def test_the_sample_holds_test_films_as_they_are_and_half_of_one(run, tmp_path):
    folder = sample_cases(run, tmp_path / "sample", 5)
    data = run.parents[1] / "data" / "own" / "images"
    whole = {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(BROKEN)}
    # Two of the six films are test films.
    assert whole == {NAME.format(k): (data / NAME.format(k)).read_bytes() for k in (4, 5)}
    (broken,) = folder.glob(f"{BROKEN}*")
    first = (data / NAME.format(4)).read_bytes()
    assert broken.read_bytes() == first[: len(first) // 2]


def test_data_that_are_gone_are_named(tmp_path):
    run = finished(tmp_path)
    (tmp_path / "data" / "own" / "manifest.csv").unlink()
    with pytest.raises(BadInput, match=r"manifest\.csv"):
        sample_cases(run, tmp_path / "sample")
