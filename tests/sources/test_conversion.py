"""Labels of a film drawn from outlines and corners."""

from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from spinelib.cases import read_mask
from spinelib.cases.drawing import fill_polygon
from spinelib.cases.readers.label_names import LabelNames
from spinelib.cases.readers.landmarks import LEVELS, read_landmarks
from spinelib.core.errors import BadInput
from spinelib.sources.conversion import Conversion, FilmLabels, FilmNames, label_films, save_mask
from spinelib.sources.listing import list_files

from ..cases.readers.dicoms import dicom
from .formats.films import CORNERS, RING, SHAPE, film, films, run, truth, write_json

FILE = Path("labels.json")


def labels(classes=("spine",)):
    return FilmLabels(Path("a.png"), "a", SHAPE, classes, LabelNames(), np.zeros(SHAPE, np.uint8))


def test_an_outline_on_the_edges_of_pixels_fills_them():
    found = labels(("vertebra", "spine"))
    found.outline(FILE, "Spine", np.array(RING, float))
    np.testing.assert_array_equal(found.labels, truth(2))


def test_outlines_of_named_vertebrae_give_their_corners():
    found = labels()
    for level, points in zip(LEVELS, CORNERS, strict=True):
        found.outline(FILE, level, points[[0, 1, 3, 2]] + 0.5)
    np.testing.assert_allclose(found.all_corners(FILE), CORNERS, atol=1e-6)
    assert labels().all_corners(FILE) is None


def test_corners_named_twice_or_in_part_are_refused():
    found = labels()
    found.vertebra(FILE, "T5", CORNERS[4])
    with pytest.raises(BadInput, match=r"corners of T5 of a\.png twice"):
        found.vertebra(FILE, "T5", CORNERS[4])
    found.vertebra(FILE, "vertebra", CORNERS[5])
    with pytest.raises(BadInput, match=r"of 1 vertebrae of a\.png without their levels"):
        found.all_corners(FILE)
    neck = labels()
    neck.vertebra(FILE, "C4", CORNERS[5])
    with pytest.raises(BadInput, match=r"no vertebra of a\.png from T1 to L5"):
        neck.all_corners(FILE)


def test_films_are_found_by_what_a_file_calls_them(tmp_path):
    for place in ("images/p1", "images/p2"):
        films(tmp_path / place, ["a.png"])
    films(tmp_path, ["b%20c.png", "e\u0301.png"])
    found = FilmNames(list_files(tmp_path, []))
    assert [path.parent.name for path in found.called("C:\\data\\p2\\a.png")] == ["p2"]
    assert len(found.called("a.png")) == 2
    assert found.called("none.png") == []
    assert [path.name for path in found.called("b%20c.png")] == ["b%20c.png"]
    assert len(found.called("\u00e9.png")) == 1


def test_a_film_that_cannot_be_drawn_costs_itself(tmp_path):
    films(tmp_path / "in", ["a.png", "b.png", "c.png"])
    (tmp_path / "in" / "c.png").write_bytes(b"x")
    conversion = Conversion(list_files(tmp_path / "in", []), tmp_path / "out", [])

    def draw(found):
        if found.case == "b":
            raise BadInput(FILE, "is wrong", "Correct it.")
        found.corners |= dict(zip(LEVELS, CORNERS, strict=True))
        return FILE

    cases = label_films(conversion, dict.fromkeys(conversion.listing.files.values(), draw))
    assert [(case.case, case.mask, case.landmarks) for case in cases] == [("a", "", "landmarks.csv")]
    assert {problem.case for problem in conversion.problems} == {"b", "c"}
    np.testing.assert_allclose(read_landmarks(tmp_path / "out" / "landmarks.csv")["a"], CORNERS, atol=1e-3)


def test_names_of_masks_are_short(tmp_path):
    name = save_mask(tmp_path, "p1/" + "ä" * 150, truth())
    assert len(Path(name).name.encode()) < 110
    assert (tmp_path / name).is_file()


# PatientOrientation of a stored picture that is the upright one turned so often anticlockwise.
LIES = {0: ["L", "F"], 1: ["F", "R"], 2: ["R", "H"], 3: ["H", "L"]}


def in_file(points, turns):
    """Pixels (x, y) of an upright film of SHAPE in a file that holds it turned anticlockwise."""
    (height, width), (x, y) = SHAPE, np.moveaxis(points, -1, 0)
    places = {0: (x, y), 1: (y, width - 1 - x), 2: (width - 1 - x, height - 1 - y), 3: (height - 1 - y, x)}
    return np.stack(places[turns], -1)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("way", ["coco", "coco levels", "coco points", "yolo", "yolo points", "mat"])
def test_labels_in_pixels_of_a_file_that_its_header_turns(tmp_path, turns, way):
    source = tmp_path / "in"
    source.mkdir()
    corners = in_file(CORNERS, turns)
    height, width = SHAPE[:: -1 if turns % 2 else 1]
    for k in range(2):
        pixels = np.rot90(film(*SHAPE, seed=k), turns).astype(np.uint16) * 16
        tags = {"PatientOrientation": LIES[turns], "PatientID": f"P{k}"}
        dicom(source / f"{k}.dcm", np.ascontiguousarray(pixels), **tags)
        if way == "mat":
            savemat(source / f"{k}.mat", {"p2": corners.reshape(68, 2)})
        if way.startswith("yolo"):
            # Around, from below, in shares of the file.
            rings = corners[::-1, [0, 1, 3, 2]] + (0.0 if "points" in way else 0.5)
            lines = [" ".join(f"{v:.9f}" for v in (ring / (width, height)).ravel()) for ring in rings]
            start = "0 .5 .5 .1 .1 " if "points" in way else "0 "
            (source / f"{k}.txt").write_text("\n".join(start + line for line in lines))
            (source / "data.yaml").write_text("names: [spine]\n" + "kpt_shape: [4, 2]\n" * ("points" in way))
    if way.startswith("coco"):
        marks = []
        for k in range(2):
            for n, four in enumerate(corners):
                mark = {"id": 17 * k + n, "image_id": k, "category_id": n if "levels" in way else 99}
                ring = (four[[0, 1, 3, 2]] + 0.5).ravel().tolist()
                points = np.concatenate([four, np.full((4, 1), 2)], 1).ravel().tolist()
                marks.append(mark | ({"keypoints": points} if "points" in way else {"segmentation": [ring]}))
        kinds = [{"id": n, "name": level} for n, level in enumerate(LEVELS)]
        images = [{"id": k, "file_name": f"{k}.dcm", "height": height, "width": width} for k in range(2)]
        content = {"images": images, "annotations": marks, "categories": [*kinds, {"id": 99, "name": "spine"}]}
        write_json(source / "coco.json", content)
    cases, problems, _ = run(source)
    assert set(cases) == {"0", "1"}
    assert {row.action for row in problems} <= {"kept"}
    expected = np.zeros(SHAPE, np.uint8)
    for four in CORNERS:
        fill_polygon(expected, four[[0, 1, 3, 2]], 1)
    for case in cases.values():
        if case.mask:
            found = np.rot90(read_mask(tmp_path / "out" / case.mask, (height, width)), -turns)
            assert 2 * (found & expected).sum() / (found.sum() + expected.sum()) > 0.95
        assert bool(case.landmarks) == (way not in ("coco", "yolo"))
        if case.landmarks:
            np.testing.assert_allclose(read_landmarks(tmp_path / "out" / case.landmarks)[case.case], corners, atol=0.01)
