import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from spinelib.cases import load_arrays, read_landmarks, read_manifest, read_problems, write_landmarks
from spinelib.core.errors import BadInput
from spinelib.sources import prepare

from ..cases.films import film, spine
from ..cases.readers.test_dicom import dicom

SHAPE = (120, 60)


def mask(value=255):
    out = np.zeros(SHAPE, np.uint8)
    out[10:110, 20:40] = value
    return out


def save(path, pixels, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)


def flat(source, count=6, ending="", suffix="png"):
    for k in range(count):
        save(source / "images" / f"film {k}, ü.png", film(*SHAPE, seed=k))
        save(source / "masks" / f"film {k}, ü{ending}.{suffix}", mask())
    return source


def run(source, **options):
    out = source.parent / "out"
    prepare("folder", out, source, audit=options.pop("audit", False), **options)
    return read_manifest(out), {(problem.case, problem.action): problem for problem in read_problems(out)}


@pytest.mark.parametrize("ending", ["", "_segmentation", "_mask"])
def test_images_and_masks_of_the_same_name(tmp_path, ending):
    cases, problems = run(flat(tmp_path / "my films, ü", ending=ending))
    assert len(cases) == 6
    assert problems == {}
    assert {case.split for case in cases} == {"train", "test"}
    assert len(load_arrays(tmp_path / "out", (64, 32))) == 6


def test_each_bad_film_is_a_row_and_the_rest_goes_on(tmp_path):
    source = flat(tmp_path / "in", 12)
    images, masks = source / "images", source / "masks"
    (images / "film 0, ü.png").write_bytes(b"")
    (images / "film 1, ü.png").write_bytes((images / "film 1, ü.png").read_bytes()[:300])
    (images / "film 2, ü.png").write_text("words")
    save(images / "film 3, ü.png", np.full(SHAPE, 9, np.uint8))
    save(masks / "film 4, ü.png", mask(0))
    save(masks / "film 5, ü.png", np.full(SHAPE, 255, np.uint8))
    save(masks / "film 6, ü.png", mask().T.copy())
    (masks / "film 7, ü.png").unlink()
    (masks / "film 8, ü.png").unlink()
    save(masks / "film 8, ü.jpg", mask(), quality=70)
    save(masks / "stranger.png", mask())
    (images / "film 9.nii.gz").write_bytes(b"x")
    (images / ".DS_Store").write_bytes(b"x")
    cases, problems = run(source)
    assert {case.case for case in cases} == {f"film {k}, ü" for k in (8, 9, 10, 11)}
    expected = {(f"film {k}, ü", "excluded") for k in range(8)}
    assert set(problems) == expected | {("film 8, ü", "repaired"), ("stranger", "excluded"), ("film 9", "excluded")}
    assert all(problem.remedy and problem.file for problem in problems.values())


def test_a_folder_for_each_view(tmp_path):
    for view in ("coronal", "left_bending", "right_bending"):
        flat(tmp_path / "in" / view, 5)
    cases, _ = run(tmp_path / "in")
    assert len(cases) == 15
    assert {case.view for case in cases} == {"coronal", "left_bending", "right_bending"}
    sides = {}
    for case in cases:
        sides.setdefault(case.patient, set()).add(case.split)
    assert len(sides) == 5
    assert all(len(side) == 1 for side in sides.values())


def table(source, rows):
    source.mkdir(exist_ok=True)
    pd.DataFrame(rows).to_csv(source / "cases.csv", index=False)


def test_a_table_names_patients_views_spacing_and_split(tmp_path):
    source = flat(tmp_path / "in", 4)
    rows = [
        {
            "case": f"c{k}",
            "patient": f"p{k // 2}",
            "view": ("coronal", "lateral")[k % 2],
            "image": f"images/film {k}, ü.png",
            "mask": f"masks/film {k}, ü.png",
            "spacing": "0.2;0.3",
            "split": ("train", "test")[k // 2],
        }
        for k in range(4)
    ]
    table(source, rows)
    cases, _ = run(source)
    assert [(case.patient, case.view, case.split) for case in cases] == [
        ("p0", "coronal", "train"),
        ("p0", "lateral", "train"),
        ("p1", "coronal", "test"),
        ("p1", "lateral", "test"),
    ]
    assert cases[0].spacing == (0.2, 0.3)
    rows[3]["patient"] = "p0"
    table(source, rows)
    with pytest.raises(BadInput, match="train and in test, the first is 'p0'"):
        run(source)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"case": ["a", "a"]}, "rows 2 and 3"),
        ({"case": ["a", ""]}, "row 3 has no case"),
        ({"image": ["", "x.png"]}, "row 2 has no image"),
        ({"view": ["coronal", "sideways"]}, "'sideways'"),
        ({"split": ["dev", ""]}, "'dev'"),
        ({"spacing": ["1;x", ""]}, "spacing '1;x'"),
        ({"colour": ["a", "b"]}, "unknown column"),
    ],
)
def test_a_bad_table_is_refused(tmp_path, change, reason):
    table(tmp_path / "in", {"case": ["a", "b"], "image": ["x.png", "y.png"], "mask": ["x.png", "y.png"], **change})
    with pytest.raises(BadInput, match=reason):
        run(tmp_path / "in")


def test_dicom_films_with_labelme_polygons_and_landmarks(tmp_path):
    source = tmp_path / "in"
    (source / "images").mkdir(parents=True)
    for k in range(4):
        dicom(
            source / "images" / f"{k}.dcm",
            film(*SHAPE, seed=k).astype(np.uint16) * 16,
            ImagerPixelSpacing=[0.1, 0.2],
            PatientID=f"p{k}",
        )
        shapes = [{"label": "spine", "points": [[20, 10], [40, 10], [40, 110], [20, 110]], "shape_type": "polygon"}]
        (source / "images" / f"{k}.json").write_text(json.dumps({"shapes": shapes}))
    wrong = spine(*SHAPE)
    wrong[4] = wrong[4, [2, 3, 0, 1]]
    write_landmarks({"0": spine(*SHAPE), "1": wrong, "2": spine(*SHAPE), "3": spine(*SHAPE) * 3}, source)
    cases, problems = run(source)
    assert problems == {}
    assert all(case.spacing == (0.1, 0.2) and case.mask.endswith(".json") for case in cases)
    rows = [{"case": f"{k}", "image": f"images/{k}.dcm", "landmarks": "landmarks.csv"} for k in range(4)]
    table(source, rows)
    cases, problems = run(source)
    assert [case.case for case in cases] == ["0", "1", "2"]
    assert set(problems) == {("1", "repaired"), ("3", "excluded")}
    data = load_arrays(tmp_path / "out", (60, 30))
    assert np.isfinite(data.landmarks).all()
    # In pixels of the file, whatever shape these have.
    repaired = read_landmarks(tmp_path / "out" / "landmarks.csv")["1"]
    np.testing.assert_allclose(repaired, spine(*SHAPE), atol=1e-3)
    # Pixels half as high as wide: the film has twice as many columns of square ones, centres at integers.
    wide = (spine(*SHAPE) + 0.5) * (2, 1) - 0.5
    np.testing.assert_allclose(data.native_landmarks()[1], wide, atol=1e-3)


def test_several_structures(tmp_path):
    source = flat(tmp_path / "in", 3)
    for k in range(3):
        save(
            source / "masks" / f"film {k}, ü.png", mask(1) + np.uint8(1) * (mask() > 0) * (np.arange(120) > 60)[:, None]
        )
    run(source, classes="vertebra, disc")
    data = load_arrays(tmp_path / "out", (60, 30))
    assert data.classes == ("vertebra", "disc")
    assert set(np.unique(data.labels)) == {0, 1, 2}


def test_duplicates_stay_on_one_side(tmp_path):
    source = flat(tmp_path / "in", 6)
    for k in range(3):
        save(source / "images" / f"copy {k}.png", film(*SHAPE, seed=k))
        save(source / "masks" / f"copy {k}.png", mask())
    for seed in range(4):
        cases, problems = run(source, audit=True, seed=seed)
        split = {case.case: case.split for case in cases}
        assert all(split[f"copy {k}"] == split[f"film {k}, ü"] for k in range(3))
        assert problems == {}
    audit = pd.read_csv(tmp_path / "out" / "audit.csv")
    assert audit["identical"].sum() == 3


def test_a_duplicate_across_the_users_own_split_is_declared(tmp_path):
    source = flat(tmp_path / "in", 4)
    save(source / "images" / "copy.png", film(*SHAPE, seed=0))
    names = [*(f"film {k}, ü" for k in range(4)), "copy"]
    masks = [*(f"masks/film {k}, ü.png" for k in range(4)), "masks/film 0, ü.png"]
    images = [f"images/{name}.png" for name in names]
    table(source, {"case": names, "image": images, "mask": masks, "split": ["train"] * 3 + ["test"] * 2})
    cases, problems = run(source, audit=True)
    near = {case.case: case.near_duplicate for case in cases}
    assert near["copy"] == ("film 0, ü",)
    assert near["film 0, ü"] == ("copy",)
    assert ("copy", "kept") in problems


def test_the_split_follows_the_seed(tmp_path):
    source = flat(tmp_path / "in", 12)
    splits = [[case.split for case in run(source, seed=seed)[0]] for seed in (0, 0, 1)]
    assert splits[0] == splits[1] != splits[2]
    assert splits[0].count("test") == 2


@pytest.mark.parametrize("make", [lambda _: None, lambda p: (p / "images").mkdir(), lambda p: flat(p, 1)])
def test_a_folder_without_enough_films_is_refused(tmp_path, make):
    (tmp_path / "in").mkdir()
    make(tmp_path / "in")
    with pytest.raises(BadInput, match="in: "):
        run(tmp_path / "in")


def test_the_users_files_are_not_touched(tmp_path):
    source = flat(tmp_path / "in", 4)
    before = {path: path.stat().st_mtime_ns for path in source.rglob("*")}
    run(source, audit=True)
    load_arrays(tmp_path / "out", (32, 16))
    assert {path: path.stat().st_mtime_ns for path in source.rglob("*")} == before


def test_films_with_very_long_names_are_films(tmp_path):
    source = flat(tmp_path / "in", 2)
    for name in ("x" * 246, "脊" * 82):
        save(source / "images" / f"{name}.png", film(*SHAPE, seed=len(name)))
        save(source / "masks" / f"{name}.png", mask())
    cases, problems = run(source)
    assert len(cases) == 4
    assert problems == {}
    assert len(load_arrays(tmp_path / "out", (64, 32))) == 4
