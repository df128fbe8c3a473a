"""Films with their labels beside them in one folder."""

from spinelib.cases.readers.landmarks import write_landmarks

from .films import CORNERS, films, labelme, masks_are_true, run, save, truth


def test_labelme_beside_the_films_is_its_own_layout(tmp_path):
    films(tmp_path / "in", ["a.png", "b.png", "alone.png"])
    for name in "ab":
        labelme(tmp_path / "in" / f"{name}.json")
    cases, problems, uses = run(tmp_path / "in")
    assert {name: case.patient for name, case in cases.items()} == {"a": "a", "b": "b"}
    assert masks_are_true(tmp_path / "out", cases)
    assert [(problem.case, problem.problem) for problem in problems] == [("alone", "has no mask called alone")]
    assert {name: use.use for name, use in uses.items()} == {
        **dict.fromkeys(("a.json", "a.png", "b.json", "b.png"), "used"),
        "alone.png": "problem",
    }


def test_masks_with_an_ending_in_folders_of_patients(tmp_path):
    for patient in ("p1", "p2"):
        films(tmp_path / "in" / patient, ["one.png", "two.png"])
        for name in ("one", "two"):
            save(tmp_path / "in" / patient / f"{name}_mask.png", truth())
    cases, problems, _ = run(tmp_path / "in")
    assert {name: case.patient for name, case in cases.items()} == {
        f"{patient}_{name}": patient for patient in ("p1", "p2") for name in ("one", "two")
    }
    assert problems == []
    assert masks_are_true(tmp_path / "out", cases)


def test_a_folder_of_a_view_tells_the_view(tmp_path):
    for view in ("coronal", "lateral"):
        films(tmp_path / "in" / view, [f"{view[0]}{k}.png" for k in range(2)])
        for k in range(2):
            save(tmp_path / "in" / view / f"{view[0]}{k}_seg.png", truth())
    cases, _, _ = run(tmp_path / "in")
    assert {name: case.view for name, case in cases.items()} == {
        **dict.fromkeys(("c0", "c1"), "coronal"),
        **dict.fromkeys(("l0", "l1"), "lateral"),
    }


def test_a_table_of_landmarks_serves_films_alone(tmp_path):
    films(tmp_path / "in", ["a.png", "b.png"])
    write_landmarks({"a": CORNERS, "b": CORNERS}, tmp_path / "in")
    cases, problems, uses = run(tmp_path / "in")
    assert all(case.landmarks and not case.mask for case in cases.values())
    assert problems == []
    assert uses["landmarks.csv"].use == "used"
