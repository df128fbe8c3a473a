"""Labelme files beside films: their polygons come back as the vertebrae that were read, and corrections are kept."""

import json

import numpy as np
import pytest
from PIL import Image

from spinelib.apply.export import export_results
from spinelib.apply.export.labelme import labelme_text
from spinelib.cases.readers.landmarks import LEVELS
from spinelib.core.errors import BadInput

from .made import PLAIN, drawn, expected, moved_by, read_back


@pytest.fixture
def written(results, tmp_path):
    export_results(results, ["labelme"], tmp_path / "out")
    return tmp_path / "out" / "labelme"


def test_every_film_comes_back_with_its_vertebrae_whatever_its_file(written, results, tmp_path):
    cases, labels, corners = read_back(written, tmp_path / "data")
    _, read = expected(results)
    for name, quads in read.items():
        assert np.abs(corners[name] - quads).max() < 0.02
        assert moved_by(labels[name], drawn(quads, name)) <= 1
    assert {name: case.patient for name, case in cases.items()} == {"plain": "p9", "oblong": "A", "turned": "A"}
    assert cases["oblong"].spacing == (1.0, 0.5)


def test_a_file_is_what_labelme_opens(written):
    content = json.loads((written / PLAIN).with_suffix(".json").read_text(encoding="utf-8"))
    assert [shape["label"] for shape in content["shapes"]] == list(LEVELS)
    assert content["imagePath"] == "plain ü.png"
    assert (content["imageHeight"], content["imageWidth"]) == (640, 300)
    # What a header turns is written upright.
    assert Image.open(written / "turned.png").size == (300, 640)


def test_a_corrected_file_is_never_written_again(written, results):
    file = (written / PLAIN).with_suffix(".json")
    content = json.loads(file.read_text(encoding="utf-8"))
    content["shapes"][3]["points"][0] = [1.0, 2.0]
    file.write_text(json.dumps(content), encoding="utf-8")
    export_results(results, ["labelme"], written.parent)
    assert json.loads(file.read_text(encoding="utf-8")) == content
    assert 'plain ü.json,labelme,"was changed since' in (written.parent / "left_out.csv").read_text(encoding="utf-8")


def test_polygons_are_counted_from_the_edges_of_pixels():
    text = labelme_text("a.png", (9, 7), [("T1", np.array([[0.0, 0], [2, 0], [2, 1.504]]))])
    assert json.loads(text)["shapes"][0]["points"] == [[0.0, 0.0], [2.0, 0.0], [2.0, 1.5]]


def test_somebodys_folder_is_refused(results, tmp_path):
    (tmp_path / "mine").write_text("x")
    with pytest.raises(BadInput, match="is not empty"):
        export_results(results, ["labelme"], tmp_path)
