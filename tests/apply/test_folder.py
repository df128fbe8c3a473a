"""Whose the folder of results is: nothing of the user's is taken over, and what somebody has changed is kept."""

import shutil

import pytest

from spinelib.apply.folder import ResultsFolder, check_out, read_owner
from spinelib.core.errors import BadInput


@pytest.fixture
def films(tmp_path):
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "a.png").write_bytes(b"x")
    return tmp_path / "films"


def test_a_folder_of_somebodys_own_is_refused_and_stays_as_it_is(films, tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    (own / "cases.csv").write_text("mine")
    with pytest.raises(BadInput, match="not empty, and no earlier call has left its record"):
        ResultsFolder(own, films)
    assert [path.name for path in own.iterdir()] == ["cases.csv"]
    with pytest.raises(BadInput, match="is a file"):
        ResultsFolder(own / "cases.csv", films)


def test_the_lock_of_a_study_or_of_prepared_data_makes_no_folder_of_results(films, tmp_path):
    out = tmp_path / "reports"
    out.mkdir()
    (out / ".lock").touch()
    # A call that was killed before it left its record
    assert check_out(out, films) == {}
    (out / "masks").mkdir()
    with pytest.raises(BadInput, match="not empty, and no earlier call has left its record"):
        check_out(out, films)


@pytest.mark.parametrize("way", [".", "..", "a.png"])
def test_the_source_is_no_folder_for_results(films, way):
    out = (films / way).resolve() if way != "a.png" else films
    source = films / "a.png" if way == "a.png" else films
    with pytest.raises(BadInput, match="is or holds the source"):
        check_out(out, source)


def test_a_second_source_is_refused_and_a_move_of_both_is_not(films, tmp_path):
    out = tmp_path / "out"
    ResultsFolder(out, films).claim()
    with pytest.raises(BadInput, match=r"holds the results of .*films\. Choose"):
        ResultsFolder(out, tmp_path / "others")
    assert ResultsFolder(out, films).record["source"] == str(films)
    moved = tmp_path / "moved"
    moved.mkdir()
    for folder in (films, out):
        shutil.move(folder, moved / folder.name)
    assert ResultsFolder(moved / "out", moved / "films").record


def test_a_damaged_record_is_still_ours(films, tmp_path):
    out = tmp_path / "out"
    ResultsFolder(out, films).claim()
    (out / "applied.json").write_text("{")
    assert read_owner(out) == {}
    (out / "t.csv").write_text("perhaps edited")
    (kept,) = ResultsFolder(out, films).keep_edited(("t.csv",))
    assert kept.read_text() == "perhaps edited"
    ResultsFolder(out, films).claim()
    assert read_owner(out)["source"] == str(films)


def test_a_table_written_before_a_kill_counts_as_written(films, tmp_path):
    folder = ResultsFolder(tmp_path / "out", films)
    folder.claim()
    folder.write("t.csv", "one")
    folder.write("t.csv", "two")
    for text, whole in (("two", True), ("one", True), ("three", False)):
        (tmp_path / "out" / "t.csv").write_text(text)
        assert ResultsFolder(tmp_path / "out", films).trusted("t.csv") is whole
    (kept,) = ResultsFolder(tmp_path / "out", films).keep_edited(("t.csv",))
    assert kept.read_text() == "three"
    assert ResultsFolder(tmp_path / "out", films).keep_edited(("t.csv",)) == []


def test_a_mask_of_somebody_else_is_kept_and_the_same_mask_is_not_kept_twice(films, tmp_path):
    folder = ResultsFolder(tmp_path / "out", films)
    for before, left in (("drawn by hand", 1), ("made", 0)):
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "m.png").write_text(before)
        with folder.mask("m.png") as path:
            path.write_text("made")
        assert len(list((tmp_path / "out").glob("m.edited-*.png"))) == left
    assert not folder.edited("m.png")
    (tmp_path / "out" / "m.png").write_text("corrected")
    assert folder.edited("m.png")


def test_the_record_says_what_the_labels_of_a_run_mean(tmp_path):
    folder = ResultsFolder(tmp_path / "out", tmp_path / "films")
    folder.know_classes("film", ("spine",))
    folder.claim()
    assert read_owner(tmp_path / "out")["classes"] == {"film": ["spine"]}
