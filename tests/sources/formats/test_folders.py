"""images/ and masks/ with what lies below and beside them."""

import pytest

from .films import films, labelme, masks_are_true, run, save, truth


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
