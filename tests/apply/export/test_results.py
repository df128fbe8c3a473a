"""What a folder of results holds for exports, and what is left out of it."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from spinelib.apply.export import EXPORTS
from spinelib.apply.export.results import NAMELESS, ReadImage, labels_of, read_results
from spinelib.apply.export.task import ExportTask
from spinelib.apply.find import ImageFile
from spinelib.apply.folder import ResultsFolder
from spinelib.apply.side import UNKNOWN
from spinelib.cases.readers.landmarks import LEVELS
from spinelib.core.errors import BadInput

from .made import FLAT, OBLONG, PLAIN, TURNED


def test_films_have_their_masks_and_named_vertebrae_and_refused_ones_a_reason(results):
    left = []
    found = {read.image.name: read for read in read_results(results, left)}
    assert list(found) == [OBLONG, PLAIN, TURNED]
    assert [name for name, _ in found[PLAIN].vertebrae] == list(LEVELS)
    assert labels_of(found[TURNED]).shape == (300, 640)
    assert left == [{"file": FLAT, "reason": "shows one grey value only. Choose the file that holds the film."}]


def test_a_film_that_has_changed_since_is_left_out(results, tmp_path):
    moved = shutil.copytree(results.parent, tmp_path / "moved")
    record = moved / "results" / "applied.json"
    record.write_text(record.read_text().replace(str(results.parent), str(moved)))
    Image.fromarray(np.full((640, 300), 9, np.uint8)).save(moved / "films" / PLAIN)
    (moved / "films" / OBLONG).unlink()
    left = []
    assert [read.image.name for read in read_results(moved / "results", left)] == [TURNED]
    assert {row["file"]: row["reason"].split(".")[0] for row in left if row["file"] != FLAT} == {
        PLAIN: "has changed since it was read",
        OBLONG: "is no longer there, or its mask is not",
    }


def test_a_mask_that_was_corrected_has_no_vertebrae_of_the_reading(edited):
    folder, mask = edited
    read = next(each for each in read_results(folder, []) if each.image.name == PLAIN)
    assert not read.vertebrae
    assert np.array_equal(labels_of(read), mask)


def test_vertebrae_of_no_known_level_are_exported_where_people_can_name_them(tmp_path):
    out, quad = tmp_path / "out", np.array([[2.0, 2], [8, 2], [2, 6], [8, 6]])
    values = np.zeros((20, 10), np.uint8)
    values[2:7, 2:9] = UNKNOWN
    for name in ("side.png", "mask.png"):
        Image.fromarray(values).save(tmp_path / name)
    row = {"patient": "", "view_position": "", "network": "lateral"}
    image = ImageFile(tmp_path / "side.png", "side.png", "side")
    read = ReadImage(image, tmp_path / "mask.png", ("C1", "C2"), ((NAMELESS, quad),), row)
    folder = ResultsFolder(out, tmp_path / "films")
    for kind, files in (("labelme", {"side.png", "side.json"}), ("nnunet", set())):
        task = ExportTask(kind, "r", [read], out / kind, folder)
        EXPORTS[kind].write(task)
        assert {path.name for path in (out / kind).rglob("*.*")} == files
        assert ["whose level is not known" in row["reason"] for row in task.left] == [True] * (not files)
    with pytest.raises(BadInput, match="more than its 2 structures"):
        labels_of(replace(read, vertebrae=()))


def test_another_folder_is_refused(tmp_path):
    with pytest.raises(BadInput, match="holds no results of a reading"):
        read_results(tmp_path, [])
