import numpy as np
import pytest

from spinelib.cases import load_arrays, read_image, read_landmarks, read_manifest, read_problems
from spinelib.core.errors import BadInput
from spinelib.phantom import films, sample_anatomy
from spinelib.sources import prepare

OPTIONS = {
    "patients": 5,
    "seed": 7,
    "size": (128, 64),
    "views": ("coronal", "left_bending"),
    "test_fraction": 0.4,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("phantom")
    prepare("phantom", folder, **OPTIONS)
    return folder


def test_manifest_names_every_film(folder):
    cases = read_manifest(folder)
    assert len(cases) == 10
    assert {case.view for case in cases} == {"coronal", "left_bending"}
    splits = {case.patient: case.split for case in cases}
    assert list(splits.values()).count("test") == 2
    assert all(splits[case.patient] == case.split for case in cases)
    assert read_problems(folder) == []


def test_files_hold_what_films_gives_without_the_bars_around_it(folder):
    made = films(sample_anatomy(5, 7), "left_bending", (128, 64), 7)
    stored = read_image(folder / "images" / "p00003_left_bending.png")
    rows, columns = made.images[3].any(axis=1), made.images[3].any(axis=0)
    top, left = rows.argmax(), columns.argmax()
    height, width = stored.shape
    np.testing.assert_array_equal(stored, made.images[3][top : top + height, left : left + width])
    assert made.images[3].sum() == stored.sum()
    assert stored[0].any()
    assert stored[-1].any()
    assert stored[:, 0].any()
    assert stored[:, -1].any()
    corners = read_landmarks(folder / "landmarks.csv")["p00003_left_bending"]
    np.testing.assert_allclose(corners, made.corners[3] - [left, top], atol=1e-3)
    case = next(case for case in read_manifest(folder) if case.case == "p00003_left_bending")
    assert case.spacing[0] == pytest.approx(made.spacing[3], rel=1e-5)


def test_what_lies_outside_a_film_is_zero_once_it_is_loaded(folder):
    arrays = load_arrays(folder, (128, 64))
    narrow = arrays.frames[:, 4] < arrays.frames[:, 3] * 0.45
    assert narrow.any()
    assert not arrays.images[narrow][..., 0].any()


def test_arrays_load(folder):
    arrays = load_arrays(folder, (64, 32))
    assert len(arrays) == 10
    assert arrays.labels.max() == 1


def test_prepared_twice_is_the_same(folder, tmp_path):
    prepare("phantom", tmp_path, **OPTIONS)
    for name in ("manifest.csv", "landmarks.csv", "images/p00004_coronal.png"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


@pytest.mark.parametrize(
    "wrong",
    [
        {"patients": 0},
        {"size": (8, 8)},
        {"views": ("lateral",)},
        {"views": ()},
        {"test_fraction": 1.5},
        {"surroundings": -0.1},
        {"views": {"coronal": 0.0}},
        {"views": {"lateral": 1.0}},
        {"patient": 3},
    ],
)
def test_wrong_options_are_named(tmp_path, wrong):
    with pytest.raises(BadInput, match=next(iter(wrong))):
        prepare("phantom", tmp_path, **wrong)


def test_each_patient_has_one_film_where_views_have_shares(tmp_path):
    prepare("phantom", tmp_path, patients=40, seed=3, size=(64, 32), views={"coronal": 3, "left_bending": 1})
    views = [case.view for case in read_manifest(tmp_path)]
    assert len(views) == 40
    assert 20 <= views.count("coronal") <= 38
    made = films(sample_anatomy(1, 3), views[0], (64, 32), 3)
    stored = read_image(tmp_path / "images" / f"p00000_{views[0]}.png")
    assert stored.sum() == made.images[0].sum()


def test_a_share_of_the_films_lies_among_other_things_and_corners_move_with_it(tmp_path):
    options = {**OPTIONS, "patients": 24, "views": ("coronal",)}
    prepare("phantom", tmp_path / "plain", **options)
    prepare("phantom", tmp_path / "framed", **options, surroundings=0.5)
    moved = 0
    plain, framed = (read_landmarks(tmp_path / name / "landmarks.csv") for name in ("plain", "framed"))
    for case in read_manifest(tmp_path / "plain"):
        before, after = (read_image(tmp_path / name / case.image) for name in ("plain", "framed"))
        top, left = np.rint((framed[case.case] - plain[case.case])[0, 0][::-1]).astype(int)
        np.testing.assert_allclose(
            framed[case.case] - plain[case.case], np.broadcast_to((left, top), (17, 4, 2)), atol=1e-3
        )
        moved += before.shape != after.shape
        inside = after[top : top + before.shape[0], left : left + before.shape[1]]
        assert (inside == before).mean() > 0.6
    assert 4 <= moved <= 18
