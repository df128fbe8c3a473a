import numpy as np
import pandas as pd
import pytest

from spinelib.cases import load_arrays, read_classes, read_image, read_manifest, read_problems
from spinelib.core.errors import BadInput
from spinelib.phantom import sample_anatomy
from spinelib.phantom.lateral import lateral_films, straightened
from spinelib.sources.phantom_lateral import crop_bars, prepare_phantom_lateral
from spinelib.spinefm.instances import has_landmarks, instances_of
from spinelib.spinefm.score import vertebra_table

OPTIONS = {"patients": 4, "seed": 7, "size": (160, 128), "test_fraction": 0.5}
CERVICAL, LUMBAR = ["C2", "C3", "C4", "C5", "C6", "C7"], ["L1", "L2", "L3", "L4", "L5", "S1"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lateral")
    prepare_phantom_lateral(None, folder, **OPTIONS)
    return folder


def test_manifest_names_every_film(folder):
    cases = read_manifest(folder)
    assert len(cases) == 8
    assert {(case.view, case.note) for case in cases} == {("lateral", "cervical"), ("lateral", "lumbar")}
    splits = {case.patient: case.split for case in cases}
    assert sorted(splits.values()) == ["test", "test", "train", "train"]
    assert all(splits[case.patient] == case.split for case in cases)
    assert read_classes(folder) == (*CERVICAL, *LUMBAR)
    assert read_problems(folder) == []


def test_files_hold_what_lateral_films_gives_without_the_bars_around_it(folder):
    made = lateral_films(straightened(sample_anatomy(4, 7)), "lateral_lumbar", (160, 128), 7)
    image, labels, shift = crop_bars(made.images[2], made.vertebrae[2])
    np.testing.assert_array_equal(read_image(folder / "images" / "p00002_lateral_lumbar.png"), image)
    stored = read_image(folder / "masks" / "p00002_lateral_lumbar.png")
    np.testing.assert_array_equal(stored, np.where(labels > 0, labels + 6, 0))
    lines = (folder / "corners.csv").read_text(encoding="utf-8").splitlines()
    row = next(line for line in lines if line.startswith("p00002_lateral_lumbar,L3,"))
    values = np.array(row.split(",")[2:], float).reshape(4, 2)
    np.testing.assert_allclose(values, made.corners[2, 2] - shift, atol=1e-3)
    assert len(lines) == 1 + 8 * 6


def test_arrays_have_named_vertebrae_that_score_perfectly_against_themselves(folder):
    data = load_arrays(folder, (128, 96))
    assert has_landmarks(data)
    assert data.landmarks.shape[1] == 0
    chains = [instances_of(data, i) for i in range(len(data))]
    for chain, note in zip(chains, data.table["note"], strict=True):
        assert [instance.level for instance in chain] == (CERVICAL if note == "cervical" else LUMBAR)
    rows = vertebra_table(chains, data)
    whole = rows[(rows["structure"] == "vertebrae") & rows["metric"].isin(["pq", "identified", "level_accuracy"])]
    assert (whole["value"] == 1).all()


def test_prepared_twice_is_the_same(folder, tmp_path):
    prepare_phantom_lateral(None, tmp_path, **OPTIONS)
    for name in (
        "manifest.csv",
        "corners.csv",
        "images/p00003_lateral_cervical.png",
        "masks/p00000_lateral_lumbar.png",
    ):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_one_view_has_its_own_levels_only(tmp_path):
    prepare_phantom_lateral(None, tmp_path, patients=2, size=(96, 80), views=["lateral_cervical"], test_fraction=0.5)
    assert read_classes(tmp_path) == tuple(CERVICAL)
    assert read_image(next((tmp_path / "masks").iterdir())).max() == 6


@pytest.mark.parametrize(
    "wrong",
    [
        {"patients": 0},
        {"size": (8, 8)},
        {"views": ("coronal",)},
        {"views": ()},
        {"views": "lateral_lumbar"},
        {"views": ("lateral_lumbar", "lateral_lumbar")},
        {"test_fraction": 1.5},
        {"curves": -1},
    ],
)
def test_wrong_options_are_named(tmp_path, wrong):
    with pytest.raises(BadInput, match=next(iter(wrong))):
        prepare_phantom_lateral(None, tmp_path, **wrong)


def test_masks_and_corners_move_with_a_film_that_lies_among_other_things(tmp_path):
    options = {"patients": 6, "seed": 3, "size": (160, 128), "views": ["lateral_lumbar"], "test_fraction": 0}
    for name, share in (("plain", 0.0), ("framed", 1.0)):
        prepare_phantom_lateral(None, tmp_path / name, **options, surroundings=share)
    plain, framed = (pd.read_csv(tmp_path / name / "corners.csv") for name in ("plain", "framed"))
    for case in read_manifest(tmp_path / "plain"):
        before, after = (read_image(tmp_path / name / case.mask) for name in ("plain", "framed"))
        assert after.shape == read_image(tmp_path / "framed" / case.image).shape
        assert (before > 0).sum() == (after > 0).sum()
        (rows, columns), (low, right) = np.nonzero(before), np.nonzero(after)
        moved = right.min() - columns.min(), low.min() - rows.min()
        here = plain["case"] == case.case
        shift = framed.loc[here].iloc[:, 2:] - plain.loc[here].iloc[:, 2:]
        np.testing.assert_allclose(shift, np.broadcast_to(moved * 4, shift.shape), atol=2e-3)
