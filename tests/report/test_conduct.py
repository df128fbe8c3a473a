"""What the index says of how a study was conducted: scorings, number formats, code, changes of what was agreed."""

import json
import shutil

import pandas as pd
import pytest

from spinelib.core.layout import RUNS, StudyFolder
from spinelib.report.conduct import codes_of, read_conduct, training_commit, uncommitted
from spinelib.report.index import write_index
from spinelib.report.page import page_html
from spinelib.runs.frozen import freeze
from spinelib.runs.scorings import note_scoring, scorings_of
from spinelib.runs.state import RunState

ONE, OTHER = "p-unet-full-s0-f0", "p-fcn8s-full-s0-f0"
CASES = pd.DataFrame({"dataset": "phantom", "split": ["test", "test", "train"], "case": ["a", "b", "c"]})


@pytest.fixture
def own(study, tmp_path):
    return StudyFolder(shutil.copytree(study, tmp_path / "sample"))


def rewrite(folder, **changes):
    path = folder.record
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def finished(**record):
    return RunState("finished", {"code": "aaaa", **record})


def test_how_often_test_films_were_scored_is_counted_and_a_second_time_stands_out(own):
    note_scoring(own.run(ONE).root, CASES, {})
    html = write_index(own.root).read_text()
    assert "scored the same cases more than once" not in html
    assert f"Not counted, since an earlier version made them: {OTHER}" in html
    note_scoring(own.run(ONE).root, CASES, {})
    html = write_index(own.root).read_text()
    assert "scored the same cases more than once" in html
    (found,) = read_conduct(own.root, {RUNS: {}}).sets
    assert (found.dataset, found.split, found.cases, found.times, found.most) == ("phantom", "test", 2, 2, 2)
    assert f'<a href="{own.scorings.name}">' in html


def test_a_ledger_that_somebody_has_shortened_stands_out(own):
    note_scoring(own.run(ONE).root, CASES, {})
    rewrite(own.run(ONE), scorings=scorings_of(own.run(ONE).root))
    assert "The ledger lacks scorings" not in write_index(own.root).read_text()
    own.scorings.write_text(own.scorings.read_text().splitlines()[0] + "\n")
    assert f"The ledger lacks scorings that the records of these runs hold: {ONE}." in write_index(own.root).read_text()


def test_one_number_format_is_named_and_several_stand_out(own):
    for name in (ONE, OTHER):
        rewrite(own.run(name), facts={"precision": "bfloat16+channels_last"})
    html = write_index(own.root).read_text()
    assert "differ in their number format" not in html
    assert '<span>number format</span><span class="mono">bfloat16+channels_last</span>' in html
    rewrite(own.run(OTHER), facts={"precision": "float32"})
    html = write_index(own.root).read_text()
    assert "differ in their number format" in html
    assert f"1 run ({OTHER})" in html


def test_a_change_of_what_was_agreed_stands_on_the_index_and_on_every_page(own):
    agreed = {"comparisons": {"a/full against b/full": {"named": True}}}
    freeze(own.root, agreed, 0)
    assert "agreed before" not in page_html(own.question("90_compare").root)
    (sentence,) = freeze(own.root, {"comparisons": {}}, 3)
    assert sentence.startswith("the comparisons were changed after the first run: taken away a/full against b/full")
    index = write_index(own.root).read_text()
    for html in (index, page_html(own.question("90_compare").root), page_html(own.run(ONE).root)):
        assert "Not all of this was agreed before the first run" in html
        assert sentence in html


def test_a_run_that_was_scored_again_shows_the_commit_that_trained_it(own):
    rewrite(own.run(ONE), commit="fedcba987654", trained={"commit": "0a1b2c3d4e5f", "code": "aaaa"})
    assert '<td class="mono">0a1b2c3</td>' in write_index(own.root).read_text()
    record = {"commit": "fedcba987654", "code": "cccc"}
    assert training_commit(record) == "fedcba9"
    assert training_commit({**record, "trained": {"commit": ""}}) == ""
    assert codes_of({**record, "trained": {"code": "aaaa"}}) == ("aaaa", "cccc")
    assert codes_of(record) == ("cccc", "cccc")


def test_weights_of_other_code_are_flagged_though_all_were_scored_by_the_same(own):
    for name in (ONE, OTHER, "p-unet-full-s1-f0"):
        rewrite(own.run(name), code="aaaa", trained={"code": "bbbb" if name == ONE else "aaaa"})
    html = write_index(own.root).read_text()
    assert html.count(">other code</span>") == 2  # the words that explain it, and the run
    assert html.count(">other code</span>", 0, html.index(f"{ONE}</a>")) == 1


@pytest.mark.parametrize(
    ("record", "made"),
    [
        ({"dirty": False, "trained": {"dirty": False}, "scorings": [{"dirty": "False"}]}, []),
        ({"dirty": True}, ["runs/one"]),
        ({"dirty": False, "trained": {"dirty": True}}, ["runs/one"]),
        ({"dirty": False, "scorings": [{"dirty": "True"}, {"dirty": "False"}]}, ["runs/one"]),
    ],
)
def test_any_part_of_a_run_may_have_been_made_by_code_that_is_in_no_commit(record, made):
    assert uncommitted({RUNS: {"one": finished(**record)}, "questions": {}}) == made
