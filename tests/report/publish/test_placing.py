import pytest

from spinelib.core.errors import BadInput
from spinelib.report.publish.placing import foreign_files, put_files
from spinelib.report.publish.study import publish
from tests.report.publish.made import files

FIRST = {"index.html": b"1", "runs/one/report.html": b"1", "runs/one/figures/a.png": b"1", "history.csv": b"1"}
THEIRS = ("notes.md", "index.html.bak", "talk/slides.html", "my_board.csv", "runs/one/remarks.txt", "runs/list.csv")


def lay(folder, paths):
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(b"mine")


def test_what_somebody_laid_into_a_publication_stays_when_it_is_published_again(tmp_path):
    into = tmp_path / "s"
    put_files(FIRST, into)
    assert foreign_files(into) == []
    lay(into, THEIRS)
    (into / "link.html").symlink_to("notes.md")
    put_files({"index.html": b"2", "questions/q/report.html": b"2"}, into)
    found = {path.relative_to(into).as_posix(): path.read_bytes() for path in into.rglob("*") if path.is_file()}
    assert found == {"index.html": b"2", "questions/q/report.html": b"2"} | dict.fromkeys(
        (*THEIRS, "link.html"), b"mine"
    )
    assert (into / "link.html").is_symlink()
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_a_whole_study_that_is_published_writes_nothing_that_is_taken_for_somebody_else_s(studies, tmp_path):
    for name, study in studies.items():
        publish(study, tmp_path / name)
        assert files(tmp_path / name)
        assert foreign_files(tmp_path / name) == []


def test_a_link_in_the_place_of_a_page_is_named_and_nothing_is_changed(tmp_path):
    into, elsewhere = tmp_path / "s", tmp_path / "elsewhere.html"
    put_files(FIRST, into)
    elsewhere.write_bytes(b"mine")
    (into / "index.html").unlink()
    (into / "index.html").symlink_to(elsewhere)
    with pytest.raises(BadInput, match="is in the way of what is published"):
        put_files({"index.html": b"2"}, into)
    assert elsewhere.read_bytes() == b"mine"
    assert (into / "runs/one/report.html").read_bytes() == b"1"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere.html", "s"]
