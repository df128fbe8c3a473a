"""images/ and masks/ with what lies below and beside them."""

import pytest

from .films import SHAPE, film, films, labelme, masks_are_true, run, save, truth


def sound(source, count=4):
    films(source / "images", [f"{k}.png" for k in range(count)])
    for k in range(count):
        save(source / "masks" / f"{k}.png", truth(255))
    return source


def test_folders_below_images_are_patients(tmp_path):
    source = sound(tmp_path / "in")
    films(source / "images" / "p9" / "2020", ["a.png", "b.png"])
    for name in "ab":
        save(source / "masks" / "p9" / "2020" / f"{name}.png", truth())
    cases, problems, uses = run(source)
    assert {name: case.patient for name, case in cases.items()} == {**{k: k for k in "0123"}, "a": "p9", "b": "p9"}
    assert cases["a"].split == cases["b"].split
    assert problems == []
    assert {use.use for use in uses.values()} == {"used"}
    assert masks_are_true(tmp_path / "out", cases)


def test_films_of_one_name_in_two_folders_keep_apart(tmp_path):
    source = tmp_path / "in"
    for patient in ("p1", "p2"):
        films(source / "images" / patient, ["film.png"])
        save(source / "masks" / patient / "film.png", truth())
    cases, problems, _ = run(source)
    assert {name: case.patient for name, case in cases.items()} == {"p1_film": "p1", "p2_film": "p2"}
    assert problems == []


def test_folders_called_train_and_test_are_the_split(tmp_path):
    source = tmp_path / "in"
    for part in ("train", "val", "test"):
        films(source / "images" / part, [f"{part}.png"])
        save(source / "masks" / part / f"{part}.png", truth())
    cases, _, _ = run(source)
    assert {name: (case.split, case.patient) for name, case in cases.items()} == {
        "train": ("train", "train"),
        "val": ("train", "val"),
        "test": ("test", "test"),
    }


@pytest.mark.parametrize("stray", ["logo.png", "extra/x.png"])
@pytest.mark.parametrize("parts", [("train", "test"), ("trainset", "Test data")])
def test_what_lies_beside_train_and_test_takes_no_split_away(tmp_path, parts, stray):
    source = tmp_path / "in"
    for k in range(8):
        part = parts[int(k < 2)]
        films(source / "images" / part, [f"{k}.png"])
        save(source / "masks" / part / f"{k}.png", truth())
    save(source / "images" / stray, film(*SHAPE, seed=9))
    cases, problems, _ = run(source)
    expected = {str(k): "test" if k < 2 else "train" for k in range(8)}
    assert {name: case.split for name, case in cases.items()} == expected
    assert {case.patient for case in cases.values()} == set(expected)
    assert [problem.action for problem in problems] == ["excluded"]
    save(source / "masks" / stray, truth())
    cases, problems, _ = run(source)
    name = (source / stray).stem
    assert {name: case.split for name, case in cases.items()} == expected | {name: "train"}
    assert [problem.problem for problem in problems] == [
        f"1 films without a split where others have one: they are put to train ({name})"
    ]


@pytest.mark.parametrize("folder", ["labels", "Masks", "mask"])
def test_other_names_of_the_folder_of_masks(tmp_path, folder):
    films(tmp_path / "in" / "Images", ["a.png", "b.png"])
    for name in "ab":
        save(tmp_path / "in" / folder / f"{name}.png", truth())
    cases, problems, _ = run(tmp_path / "in")
    assert set(cases) == {"a", "b"}
    assert problems == []


def test_images_beside_a_folder_of_a_view_are_used(tmp_path):
    source = sound(tmp_path / "in")
    films(source / "lateral" / "images", ["0.png", "x.png"])
    for name in "0x":
        save(source / "lateral" / "masks" / f"{name}.png", truth())
    cases, problems, _ = run(source)
    assert {name: (case.view, case.patient) for name, case in cases.items()} == {
        **{k: ("coronal", k) for k in "0123"},
        "0_lateral": ("lateral", "0"),
        "x_lateral": ("lateral", "x"),
    }
    assert problems == []


def test_masks_and_labelme_files_beside_the_images(tmp_path):
    films(tmp_path / "in" / "images", ["a.png", "b.png"])
    labelme(tmp_path / "in" / "images" / "a.json")
    save(tmp_path / "in" / "images" / "b_mask.png", truth())
    cases, problems, _ = run(tmp_path / "in")
    assert set(cases) == {"a", "b"}
    assert problems == []
    assert masks_are_true(tmp_path / "out", cases)


@pytest.mark.parametrize(
    ("place", "ending"),
    [
        *(("masks", ending) for ending in (".xml", ".yaml", ".log", ".mat", ".txt")),
        *(("images", ".xml"), ("flat", ".xml"), ("flat", ".log"), ("nnunet", ".xml"), ("nnunet", ".txt")),
    ],
)
def test_files_of_other_kinds_beside_a_mask_cost_no_film(tmp_path, place, ending):
    source, names = tmp_path / "in", [f"{k}.png" for k in range(3)]
    images, masks, mark = {
        "masks": ("images", "masks", ""),
        "images": ("images", "images", "_mask"),
        "flat": (".", ".", "_mask"),
        "nnunet": ("imagesTr", "labelsTr", ""),
    }[place]
    films(source / images, names)
    for k in range(3):
        save(source / masks / f"{k}{mark}.png", truth())
    other = source / masks / f"1{mark}{ending}"
    other.write_text("<annotation/>")
    cases, problems, uses = run(source)
    assert set(cases) == {"0", "1", "2"}
    assert masks_are_true(tmp_path / "out", cases)
    assert problems == []
    use = uses[other.relative_to(source).as_posix()]
    assert use.use == "ignored"
    assert use.reason
