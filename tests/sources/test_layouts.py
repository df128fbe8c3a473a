from pathlib import Path

import pytest

from spinelib.cases.manifest import Case
from spinelib.sources.layouts import (
    case_names,
    is_image,
    labels_beside,
    match,
    short_name,
    stem_of,
    without_repeated,
)

from ..cases.readers.test_dicom import dicom


def touch(path, content=b"x"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_images_and_masks_meet_by_name_and_the_others_are_problems(tmp_path):
    images = [touch(tmp_path / "images" / name) for name in ("a.png", "b.png", "c.png", "d.doc")]
    masks = [touch(tmp_path / "masks" / name) for name in ("a.png", "b_mask.png", "lonely.png")]
    problems = []
    cases = list(match(images, masks, "lateral", problems))
    assert [(case.case, case.view) for case in cases] == [("a", "lateral"), ("b", "lateral")]
    assert cases[1].mask == str(masks[1].resolve())
    assert [(problem.case, problem.problem) for problem in problems] == [
        ("c", "has no mask called c"),
        ("d.doc", "is not of a kind that can be read"),
        ("lonely", "has no image"),
    ]


def test_what_labels_are_called_is_said(tmp_path):
    problems = []
    assert not list(match([touch(tmp_path / "a.png")], [], "", problems, label="JSON file"))
    assert problems[0].problem == "has no JSON file called a"


def test_of_cases_with_one_name_none_is_taken():
    problems = []
    cases = [Case(name, name, "other", f"{folder}/{name}.png") for name, folder in (("a", "1"), ("b", "1"), ("a", "2"))]
    assert without_repeated(cases, problems) == [cases[1]]
    assert [(row.file, row.problem) for row in problems] == [
        ("1/a.png", "has the name of another image (2/a.png)"),
        ("2/a.png", "has the name of another image (1/a.png)"),
    ]


def pairs(tmp_path, images, masks, **options):
    """Masks by the name of the case, and problems by file, for files of these names."""
    paths = [[touch(tmp_path / part / name) for name in names] for part, names in (("i", images), ("m", masks))]
    problems = []
    found = {case.case: Path(case.mask).name for case in match(*paths, "", problems, **options)}
    return found, {Path(problem.file).name: problem.problem for problem in problems}


def test_two_masks_of_one_name_are_never_chosen_from(tmp_path):
    found, problems = pairs(tmp_path, ["a.png", "b.png", "c.png"], ["a.json", "a.png", "b.png", "b_mask.png", "c.png"])
    assert found == {"c": "c.png"}
    assert problems == {
        "a.png": "is one of several masks of a.png",
        "a.json": "is one of several masks of a.png",
        "b.png": "is one of several masks of b.png",
        "b_mask.png": "is one of several masks of b.png",
    }


def test_two_images_of_one_name_are_never_chosen_from(tmp_path):
    found, problems = pairs(tmp_path, ["a.jpg", "a.png", "b.png"], ["a.tif", "b.tif"])
    assert found == {"b": "b.tif"}
    assert problems == {
        "a.jpg": "has the name of another image (a.jpg, a.png)",
        "a.png": "has the name of another image (a.jpg, a.png)",
        "a.tif": "could belong to several images",
    }


def test_an_ending_of_a_mask_may_be_part_of_a_name(tmp_path):
    found, problems = pairs(tmp_path, ["a.png", "a_seg.png"], ["a.png", "a_seg.png"])
    assert found == {"a": "a.png", "a_seg": "a_seg.png"}
    assert problems == {}


def test_two_ways_to_write_a_letter_are_one_name(tmp_path):
    found, problems = pairs(tmp_path, ["M\u00fcller.png"], ["Mu\u0308ller.png"])
    assert found == {"M\u00fcller": "Mu\u0308ller.png"}
    assert problems == {}


def test_capitals_are_passed_over_where_one_partner_is_left(tmp_path):
    found, problems = pairs(tmp_path, ["ann.png", "ben.png", "BEN.png"], ["ANN_MASK.PNG", "Ben.png"])
    assert found == {"ann": "ANN_MASK.PNG"}
    assert problems == {
        "ben.png": "has no mask called ben",
        "BEN.png": "has no mask called BEN",
        "Ben.png": "could belong to several images",
    }
    (tmp_path / "x").mkdir()
    assert pairs(tmp_path / "x", ["ben.png", "BEN.png"], ["BEN.png", "ben.png"])[0] == {
        "ben": "ben.png",
        "BEN": "BEN.png",
    }


@pytest.mark.parametrize("name", ["1.2.840.113619.2.7", "film 0.1", "Schmidt.Anna", "0012", "1e5", "x" * 240])
def test_only_known_endings_are_taken_off(tmp_path, name):
    (tmp_path / "i").mkdir()
    dicom(tmp_path / "i" / name)
    problems = []
    mask = touch(tmp_path / "m" / f"{name}.png")
    found = list(match([tmp_path / "i" / name], [mask], "", problems))
    assert [(case.case, Path(case.mask)) for case in found] == [(name, mask)]
    assert problems == []


def test_the_ending_of_the_image_may_stay_in_the_name_of_the_mask(tmp_path):
    assert pairs(tmp_path, ["a.dcm"], ["a.dcm.png"])[0] == {"a": "a.dcm.png"}


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("a/b.nii.gz", "a/b"),
        ("a.b.PNG", "a.b"),
        ("1.2.3", "1.2.3"),
        ("p.1/x", "p.1/x"),
        ("s.seg.nrrd", "s"),
        ("d.doc", "d.doc"),
    ],
)
def test_stems(name, stem):
    assert stem_of(name) == stem


def test_names_of_cases_are_different(tmp_path):
    names = ["p1/film.png", "p2/film.png", "p1/other.png", "p1_film.png"]
    found = case_names({tmp_path / name: name for name in names})
    assert list(found.values()) == ["p1_film", "p2_film", "other", "p1_film_2"]
    assert len(short_name("ü" * 200).encode()) <= 100
    assert len({short_name(name) for name in ("a/b", "a\\b", "a_b")}) == 3
    assert short_name("a_b") == "a_b"
    assert short_name("x" * 200 + "1") != short_name("x" * 200 + "2")


@pytest.mark.parametrize(
    ("files", "names"),
    [
        # The number of one image is not the name of another, wherever that comes.
        (("ann.jpg", "ann.png", "ann_2.png"), ["ann", "ann_3", "ann_2"]),
        (("a_2.png", "a.jpg", "a.png", "a_3.png", "a.tif"), ["a_2", "a", "a_4", "a_3", "a_5"]),
        (("p/q_r.png", "p_q/r.png", "q_r.png", "r.png"), ["p_q_r", "p_q_r_2", "q_r", "r"]),
    ],
)
def test_a_number_gives_no_image_the_name_of_another(tmp_path, files, names):
    assert list(case_names({tmp_path / name: name for name in files}).values()) == names


def test_masks_beside_films(tmp_path):
    files = {
        name: tmp_path / name for name in ("a.png", "a_mask.png", "a.json", "b_mask.png", "p/c.png", "p/c_seg.png")
    }
    images, labels = labels_beside(files)
    assert sorted(images.values()) == ["a.png", "b_mask.png", "p/c.png"]
    assert sorted(labels.values()) == ["a.json", "a_mask.png", "p/c_seg.png"]
    assert sorted(labels_beside(files, pictures=False)[1].values()) == ["a.json"]


def test_kinds_of_images(tmp_path):
    for name, kind in (("a.png", True), ("b.nii.gz", True), ("c.doc", False), ("d", False)):
        assert is_image(touch(tmp_path / name)) is kind
    assert is_image(dicom(tmp_path / "e"))
    assert not is_image(tmp_path / "none")
