"""How exports write: whole files, nothing that somebody changed, and a reason for all that is left out."""

from types import SimpleNamespace

import pytest

from spinelib.apply.export.task import ExportTask
from spinelib.apply.folder import ResultsFolder
from spinelib.core.errors import BadInput


@pytest.fixture
def task(tmp_path):
    folder = ResultsFolder(tmp_path / "out", tmp_path / "results")
    folder.claim()
    return ExportTask("labelme", "r", [], tmp_path / "out" / "labelme", folder)


def test_a_file_is_written_again_until_somebody_changes_it(task):
    for text in ("one", "two"):
        task.put("a/b.json", lambda path, text=text: path.write_text(text))
    file = task.into / "a" / "b.json"
    assert file.read_text() == "two"
    file.write_text("mine")
    task.put("a/b.json", lambda path: path.write_text("three"))
    assert file.read_text() == "mine"
    assert task.left[0]["file"] == "labelme/a/b.json"


def test_one_image_that_cannot_be_used_stops_no_other(task):
    images = [SimpleNamespace(image=SimpleNamespace(name=name), is_film=True) for name in "ab"]
    done = []

    def export(image):
        if image.image.name == "a":
            raise BadInput("a", "is broken", "Mend it.")
        done.append(image.image.name)

    task.each(images, export)
    assert done == ["b"]
    assert task.left == [{"file": "a", "kind": "labelme", "reason": "is broken. Mend it."}]


def test_volumes_are_no_pictures(task):
    task.images = [SimpleNamespace(image=SimpleNamespace(name="v"), is_film=False)]
    assert task.films() == []
    assert "is a volume" in task.left[0]["reason"]
