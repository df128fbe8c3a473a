"""What was agreed before the first run stays as it was; every later change of it is said, for good."""

import json

import pytest

from spinelib.core.layout import StudyFolder
from spinelib.runs import machine
from spinelib.runs.frozen import freeze, protocol_changes

AGREED = {
    "comparisons": {"a/full against b/full": {"named": True}},
    "test sets": {"films": {"dataset": "folder", "seed": 3}},
    "recipes": {f"run{k}": {"epochs": 15, "batch": 8} for k in range(5)},
}


@pytest.fixture(autouse=True)
def commit(monkeypatch):
    monkeypatch.setattr(machine, "code", lambda: {"commit": "0123456789ab"})


def without_end(sentences):
    return [sentence.rpartition(" (")[0] for sentence in sentences]


def test_the_same_agreement_is_kept_once_and_nothing_is_said(tmp_path):
    assert protocol_changes(tmp_path) == []
    for finished in (0, 3):
        assert freeze(tmp_path, AGREED, finished) == []
    states = json.loads(StudyFolder(tmp_path).protocol.read_text())["states"]
    assert [(state["finished"], state["agreed"]) for state in states] == [(0, AGREED)]


def test_each_change_is_said_with_what_was_and_what_is_and_stays_said_when_it_is_taken_back(tmp_path):
    freeze(tmp_path, AGREED, 0)
    longer = {name: {"epochs": 20, "batch": 8} for name in AGREED["recipes"]}
    more = {"comparisons": {"a/full against c/full": {"named": True}}, "recipes": longer}
    said = freeze(tmp_path, AGREED | more, 5)
    assert without_end(said) == [
        "the comparisons were changed after the first run: added a/full against c/full",
        "the comparisons were changed after the first run: taken away a/full against b/full",
        "the recipes were changed after the first run: epochs was 15, is 20 (run0, run1, run2 and 2 more)",
    ]
    assert all(sentence.endswith("commit 0123456)") for sentence in said)
    assert protocol_changes(tmp_path) == said
    back = freeze(tmp_path, AGREED, 5)
    assert back[:3] == said
    assert len(back) == 6
    other = AGREED | {"test sets": {"films": {"dataset": "folder"}}}
    assert "seed was 3, is nothing (films)" in freeze(tmp_path, other, 5)[-1]


def test_until_a_run_has_left_a_trace_nothing_is_frozen(tmp_path):
    for epochs in (15, 20):
        assert freeze(tmp_path, AGREED | {"recipes": {"run0": {"epochs": epochs}}}, 0, begun=False) == []
    assert freeze(tmp_path, AGREED | {"recipes": {"run0": {"epochs": 20}}}, 0) == []
    (sentence,) = freeze(tmp_path, AGREED | {"recipes": {"run0": {"epochs": 30}}}, 0)
    assert "epochs was 20, is 30 (run0)" in sentence


def test_a_study_whose_runs_are_older_than_its_agreement_says_so(tmp_path):
    assert freeze(tmp_path, AGREED, 4) == ["what was agreed was first written down when 4 runs had finished"]


def test_an_edited_agreement_is_noticed_for_good(tmp_path):
    freeze(tmp_path, AGREED, 0)
    path = StudyFolder(tmp_path).protocol
    path.write_text(path.read_text().replace('"epochs": 15', '"epochs": 16', 1))
    assert protocol_changes(tmp_path) == ["protocol.json is damaged, or was edited: what was agreed is not known"]
    assert freeze(tmp_path, AGREED, 0) == ["what was agreed before was damaged or edited, and is not known"]
    assert protocol_changes(tmp_path) == ["what was agreed before was damaged or edited, and is not known"]


def test_that_a_file_is_told_by_its_content_from_now_on_is_no_change_and_another_content_is(tmp_path):
    def agreed(checkpoint):
        return AGREED | {"recipes": {"run0": {"checkpoint": checkpoint}}}

    freeze(tmp_path, agreed("../sam.pth"), 0)
    assert freeze(tmp_path, agreed({"holds": "abc"}), 1) == []
    assert freeze(tmp_path, agreed("../moved.pth"), 1) == []
    assert freeze(tmp_path, agreed({"holds": "abc"}), 1) == []
    (said,) = freeze(tmp_path, agreed({"holds": "def"}), 1)
    assert 'checkpoint was {"holds": "abc"}, is {"holds": "def"} (run0)' in said
    assert "is nothing" in freeze(tmp_path, AGREED | {"recipes": {"run0": {}}}, 1)[-1]
