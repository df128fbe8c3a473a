"""What a folder of somebody's files holds, in words."""

import json

import numpy as np
import pytest
from PIL import Image

from spinelib.core.errors import BadInput
from spinelib.study.found import look_into

from ..cases.films import film, spine
from ..cases.readers.dicoms import dicom
from ..cases.volumes import volume_set


def labelled(folder, count=6, levels=True):
    """Films with Labelme files beside them, one without, and one that is broken."""
    folder.mkdir(parents=True)
    for k in range(count):
        Image.fromarray(film(300, 120, k)).save(folder / f"film {k}.png")
        quads = spine(300, 120)[:, [0, 1, 3, 2]] + 0.5
        names = [f"T{n}" for n in range(1, 13)] + [f"L{n}" for n in range(1, 6)]
        shapes = [
            {"label": name if levels else "spine", "points": quad.tolist(), "shape_type": "polygon"}
            for name, quad in zip(names, quads, strict=True)
        ]
        (folder / f"film {k}.json").write_text(json.dumps({"shapes": shapes}))
    Image.fromarray(film(300, 120, 77)).save(folder / "new.png")
    return folder


def test_films_are_described_in_plain_lines(tmp_path):
    found = look_into(labelled(tmp_path / "meine „Filme“, ü's"))
    said = "\n".join(found.words())
    assert found.films
    assert (len(found.cases), len(found.train), found.with_corners, found.unlabelled) == (6, 5, 6, 1)
    for words in (
        "6 films with labels, of 6 patients",
        "structures: spine",
        "rows x columns: 300 (300 to 300) x 120 (120 to 120)",
        "to learn from: 5; to test on, other patients: 1",
        "corners of vertebrae, for Cobb angles: 6 of 6",
        "known of 0 of 6",
        "not usable: 1 films",
        "1 x has no mask called new",
    ):
        assert words in said
    assert sorted(path.suffix for path in (tmp_path / "meine „Filme“, ü's").iterdir()) == [".json"] * 6 + [".png"] * 7


def test_oblong_pixels_count_as_wide_as_the_body_is(tmp_path):
    for k, name in enumerate("ab"):
        dicom(tmp_path / f"{name}.dcm", film(150, 120, k), PixelSpacing=[0.4, 0.2], PatientID=name)
        Image.fromarray(np.uint8(film(150, 120, k) > 130) * 255).save(tmp_path / f"{name}_mask.png")
    assert look_into(tmp_path).sizes.tolist() == [[300, 120]] * 2


def test_films_without_any_label_want_to_be_read_first(tmp_path):
    for k in range(3):
        Image.fromarray(film(300, 120, k)).save(tmp_path / f"{k}.png")
    with pytest.raises(BadInput, match=r"holds 3 images, and none with a label that can be used.*Read them"):
        look_into(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadInput, match="is not a folder"):
        look_into(tmp_path / "nowhere")


def test_volumes_are_described_by_their_structures(tmp_path):
    volume_set(tmp_path)
    for name in ("manifest.csv", "classes.csv"):
        (tmp_path / name).unlink()
    found = look_into(tmp_path)
    assert not found.films
    assert found.words()[0].startswith("4 volumes with labels, of 4 patients")
    assert "slices, rows and columns" in found.words()[2]
