"""How far a run is, written rarely, read by others, removed when it ends."""

import os

from spinelib.core import live
from spinelib.core.live import Live, begin_live, end_live, read_live, tell_live

ONE = Live("step", 3, 12, "loss 0.5")


def test_what_is_told_is_read_by_others_until_it_ends(tmp_path):
    path = tmp_path / "run" / ".live"
    begin_live(path)
    assert read_live(path) is None
    tell_live(ONE)
    assert read_live(path) == ONE
    assert (ONE.share, ONE.words()) == (0.25, "step 3 of 12, loss 0.5")
    end_live()
    assert list(path.parent.iterdir()) == []
    tell_live(ONE, now=True)
    assert read_live(path) is None


def test_it_is_written_rarely_but_for_what_is_told_now(tmp_path):
    begin_live(tmp_path / ".live")
    for step in range(1, 8):
        tell_live(Live("step", step, 12, ""))
    assert read_live(tmp_path / ".live").step == 1
    tell_live(Live("step", 12, 12, ""), now=True)
    assert read_live(tmp_path / ".live").share == 1.0
    end_live()


def test_a_notebook_may_change_its_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    begin_live(live.Path("here"))
    (tmp_path / "away").mkdir()
    os.chdir("away")
    tell_live(ONE)
    assert read_live(tmp_path / "here") == ONE
    end_live()


def test_what_cannot_be_written_or_read_ends_nothing(tmp_path):
    (tmp_path / "file").write_text("no folder")
    begin_live(tmp_path / "file" / ".live")
    tell_live(ONE)
    end_live()
    for text in ("", "{", '{"title": "step"}', "[1]"):
        (tmp_path / ".live").write_text(text)
        assert read_live(tmp_path / ".live") is None


def test_an_empty_amount_of_work_has_no_share():
    assert Live("reading", 0, 0, "").share == 0.0
    assert Live("reading", 0, 0, "").words() == "reading 0 of 0"
