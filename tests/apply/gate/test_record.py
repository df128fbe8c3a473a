"""The gate beside its weights: read back as it was; what was damaged, edited or made for others is refused."""

import json

import pytest

from spinelib.apply.gate.record import DOUBTFUL, OK, REFUSED, AnswerGate, gate_digest
from spinelib.apply.gate.signs import SIGNS
from spinelib.core.errors import BadInput
from spinelib.core.layout import GATE

from .gates import gate


def test_it_is_read_back_as_it_was_written(tmp_path):
    own = gate()
    own.write(tmp_path)
    assert AnswerGate.read(tmp_path, "abc", SIGNS) == own


def test_a_folder_without_one_has_none(tmp_path):
    assert AnswerGate.read(tmp_path, "abc", SIGNS) is None
    assert gate_digest(tmp_path) == ""


def test_that_of_other_weights_is_refused(tmp_path):
    gate().write(tmp_path)
    with pytest.raises(BadInput, match="other weights"):
        AnswerGate.read(tmp_path, "abd", SIGNS)


def edited(path):
    record = json.loads(path.read_text())
    path.write_text(json.dumps({**record, "refuse": 0.0}))


def unsealed(path):
    record = json.loads(path.read_text())
    del record["seal"]
    path.write_text(json.dumps(record))


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (edited, "damaged, or was edited"),
        (unsealed, "damaged, or was edited"),
        (lambda path: path.write_bytes(path.read_bytes()[:400]), "is no gate"),
        (lambda path: path.write_text("[]"), "is no gate|damaged"),
    ],
)
def test_a_damaged_one_is_refused(tmp_path, how, words):
    gate().write(tmp_path)
    how(tmp_path / GATE)
    with pytest.raises(BadInput, match=words):
        AnswerGate.read(tmp_path, "abc", SIGNS)


def test_its_digest_changes_with_it(tmp_path):
    gate().write(tmp_path)
    before = gate_digest(tmp_path)
    gate(doubt=0.6).write(tmp_path)
    assert gate_digest(tmp_path) != before != ""


def test_statuses_follow_the_thresholds():
    own = gate()
    assert [own.status(*pair) for pair in ((0.05, 0.9), (0.3, 0.9), (0.9, 0.3), (0.9, 0.9))] == [
        *(REFUSED, DOUBTFUL, DOUBTFUL, OK),
    ]


def test_one_made_by_signs_that_are_not_measured_is_refused(tmp_path):
    gate().write(tmp_path)
    with pytest.raises(BadInput, match="another version"):
        AnswerGate.read(tmp_path, "abc", ("bodies",))
