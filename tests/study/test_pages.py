"""What a study leaves for its reader, from its first minute on."""

import pytest

from spinelib.report import index
from spinelib.study.pages import show_index, write_facts
from tests.study.example import read


@pytest.fixture
def study(root, monkeypatch):
    monkeypatch.chdir(root)
    found = read(root)
    write_facts(found)
    return found


def test_a_study_of_which_nothing_has_run_has_its_index(study):
    show_index(study)
    html = study.files.index.read_text(encoding="utf-8")
    assert "7 waiting" in html
    assert all(name in html for name in study.runs)


def test_an_index_that_cannot_be_written_now_stays_and_ends_nothing(study, monkeypatch, capsys):
    show_index(study)
    before = study.files.index.read_text(encoding="utf-8")
    monkeypatch.setattr(index, "boards", lambda _: int("half a table"))
    show_index(study)
    assert study.files.index.read_text(encoding="utf-8") == before
    assert "the index is as it was before, until the next step has ended" in capsys.readouterr().out
    assert list(study.folder.glob(".*")) == []
