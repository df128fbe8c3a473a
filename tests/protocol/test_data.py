"""The data of a run: schemes, added cases, and facts of films by hand."""

import json
from dataclasses import replace

import numpy as np
import pytest

from spinelib import protocol
from spinelib.core.errors import BadInput
from spinelib.core.structures import STRUCTURES
from spinelib.protocol import data as data_module
from tests.protocol.made import a_run
from tests.protocol.made import arrays as films
from tests.protocol.made_volumes import GRID, PATIENTS, others, volume_run


def test_a_split_run_tests_what_the_manifest_says(run):
    arrays = protocol.load(run, "phantom_mr", list(GRID))
    assert arrays.images.shape == (PATIENTS, 1, *GRID)
    assert arrays.classes == STRUCTURES
    assert arrays.table["split"].tolist() == ["train"] * 7 + ["test"] * 3
    assert arrays.known.all(axis=1).tolist() == [True] * 9 + [False]
    assert run.facts["data"]["phantom_mr"]["films"] == PATIENTS


def test_every_case_is_tested_once_under_cross(shared, tmp_path):
    tested, marks = [], set()
    for fold in range(5):
        run = volume_run(shared, tmp_path, scheme="cross", fold=fold)
        arrays = protocol.load(run, "phantom_mr", GRID)
        marks.add(arrays.digest)
        held = arrays.table["case"][arrays.table["split"] == "test"].tolist()
        tested += held
        division = protocol.divide(arrays, fold, 5, scheme="cross")
        train, validation = (set(arrays.table["case"].iloc[side]) for side in (division.train, division.validation))
        assert len(train | validation | set(held)) == PATIENTS, "each on one side"
        assert (len(train), len(validation), len(held)) == (7, 1, 2)
    assert sorted(tested) == [f"p{k:05d}" for k in range(PATIENTS)]
    assert len(marks) == 1, "the data are the same in every fold"


def test_only_the_data_trained_on_are_divided_anew(shared, tmp_path):
    run = volume_run(shared, tmp_path, scheme="cross", trained_on="other")
    assert protocol.load(run, "phantom_mr", GRID).table["split"].tolist() == ["train"] * 7 + ["test"] * 3
    with pytest.raises(BadInput, match="the published scheme has 5"):
        protocol.load(volume_run(shared, tmp_path, scheme="published", folds=4), "phantom_mr", GRID)
    with pytest.raises(BadInput, match="'crss'"):
        protocol.load(volume_run(shared, tmp_path, scheme="crss"), "phantom_mr", GRID)


def test_near_duplicates_are_no_longer_across_a_new_split(run):
    arrays = protocol.load(run, "phantom_mr", GRID)
    near = arrays.table.assign(near_duplicate=["p00001", "p00000"] + [""] * 8, patient=["a"] * 2 + list("bcdefghi"))
    divided = data_module._divided(replace(arrays, table=near), "cross", 0, 3)
    sides = divided.table.groupby("patient")["split"].nunique()
    assert (sides == 1).all()
    assert (divided.table["near_duplicate"] == "").all()
    assert protocol.crossing_pairs(divided) == []


def test_by_hand_a_few_digital_patients_are_made(tmp_path, monkeypatch):
    monkeypatch.setattr(data_module, "SMALL_VOLUMES", {"patients": 2, "seed": 1, "test_fraction": 0.5})
    run = volume_run("", tmp_path / "run")
    run.parameters["data"] = ""
    arrays = protocol.load(run, "phantom_mr", GRID)
    assert len(arrays) == 2
    np.testing.assert_array_equal(arrays.frames[:, 6:], [[8, 128, 128]] * 2)


def test_by_hand_films_from_the_side_are_made_where_they_are_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(data_module, "SMALL_LATERAL", {"patients": 2, "seed": 1, "test_fraction": 0.5})
    run = volume_run("", tmp_path / "run")
    run.parameters["data"] = ""
    arrays = protocol.load(run, "phantom_lateral", (192, 160))
    assert {case.partition("_")[2] for case in arrays.table["case"]} == {"lateral_cervical", "lateral_lumbar"}
    assert arrays.table["split"].tolist() == ["train", "train", "test", "test"]


def test_added_cases_only_train_and_the_others_are_repeated(run):
    arrays = protocol.load(run, "phantom_mr", GRID)
    both = protocol.joined(arrays, [others(arrays, "x"), others(arrays, "y")])
    assert len(both) == 30
    np.testing.assert_array_equal(both.known, np.tile(arrays.known, (3, 1)))
    np.testing.assert_array_equal(both.images[10:20], arrays.images)
    assert both.table["split"].tolist() == arrays.table["split"].tolist() + ["train"] * 20
    plain, division = (protocol.divide(each, 1, 3) for each in (arrays, both))
    np.testing.assert_array_equal(division.validation, plain.validation)
    own, added = division.train[division.train < 10], division.train[division.train >= 10]
    np.testing.assert_array_equal(added, np.arange(10, 30))
    # Five of seven train; four times as many are as many as the added ones.
    np.testing.assert_array_equal(np.sort(own), np.repeat(np.sort(plain.train), round(20 / len(plain.train))))
    assert not set(division.train) & {7, 8, 9}, "test cases do not train"
    assert "with repeats" in str(division)
    assert both.digest != arrays.digest
    assert division.digest != plain.digest


def test_nothing_added_is_the_same_data(run):
    arrays = protocol.load(run, "phantom_mr", GRID)
    assert protocol.joined(arrays, []) is arrays


def test_added_cases_of_another_view_stay_out(run):
    arrays = protocol.load(run, "phantom_mr", GRID)
    other = others(arrays)
    other = replace(other, table=other.table.assign(view=["axial"] * 5 + ["sagittal"] * 5))
    division = protocol.divide(protocol.joined(arrays, [other]), 0, 3, views=["sagittal"])
    assert set(division.train[division.train >= 10]) == set(range(15, 20))


def test_corners_and_extras_that_not_all_data_have(run):
    arrays = protocol.load(run, "phantom_mr", GRID)
    more = replace(arrays, extra={"canal": arrays.labels}, landmarks=np.ones((PATIENTS, 2, 4, 2), np.float32))
    both = protocol.joined(more, [others(arrays)])
    assert both.extra == {}
    assert both.landmarks.shape == (20, 2, 4, 2)
    assert (both.landmarks[:10] == 1).all()
    assert np.isnan(both.landmarks[10:]).all()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"labels": np.zeros((PATIENTS, 8, 32, 8), np.uint8)}, r"has the grid \[8, 32, 8\], not \[8, 32, 16\]"),
        ({"images": np.zeros((PATIENTS, 3, *GRID), np.uint8)}, "has the channels 3, not 1"),
        ({"classes": tuple(reversed(STRUCTURES))}, "has the structures T9/T10.*not S, L5"),
    ],
)
def test_data_of_another_kind_cannot_be_added(run, change, reason):
    arrays = protocol.load(run, "phantom_mr", GRID)
    with pytest.raises(BadInput, match=reason):
        protocol.joined(arrays, [replace(others(arrays), **change)])


def test_a_case_or_patient_of_two_data_is_refused(run):
    arrays = protocol.load(run, "phantom_mr", GRID)
    with pytest.raises(BadInput, match="case 'p00000' is in both"):
        protocol.joined(arrays, [arrays])
    other = others(arrays)
    with pytest.raises(BadInput, match="case 'xp00000' is in both"):
        protocol.joined(arrays, [other, other])
    other = replace(other, table=other.table.assign(patient=arrays.table["patient"]))
    with pytest.raises(BadInput, match="patient 'p00000' is in both"):
        protocol.joined(arrays, [other])


def test_added_cases_on_another_grid_than_a_paper_s_are_named(shared, tmp_path):
    run = volume_run(shared, tmp_path, recipe="published")
    arrays = protocol.load(run, "phantom_mr", GRID)
    both = protocol.joined(arrays, [others(arrays)])
    with pytest.raises(BadInput, match=r"cases were added on the grid \[8, 32, 16\], not \[18, 256, 128\]"):
        protocol.train(run, protocol.model(run, arrays), both, protocol.divide(both, 0, 3))


def test_facts_of_films_by_hand():
    data = films(patients=2, views=("coronal",), tests=1)
    data.images[:] = 0
    data.images[0, 0, :2, :2] = [[10, 20], [30, 40]]
    data.frames[:, 3:] = [[400, 100], [300, 200]]
    facts = protocol.film_facts({"a": replace(data, spacing=np.float32([[0.5, 0.5], [np.nan, np.nan]]))})
    assert facts["data"].tolist() == ["a", "a"]
    assert facts["width / height"].tolist() == [0.25, pytest.approx(2 / 3)]
    assert facts["mean grey"].tolist() == [25.0, pytest.approx(np.nan, nan_ok=True)]
    assert facts.loc[0, "contrast"] == pytest.approx(np.std([10, 20, 30, 40]))
    assert facts.loc[0, "mm per px"] == 0.5
    assert facts["largest angle °"].isna().all(), "films without corners have no angle"


def test_the_largest_angle_is_that_of_the_steepest_film_and_unknown_without_corners():
    data = films(patients=3, views=("coronal",), tests=1)
    assert np.isnan(protocol.largest_angle(data, [0, 1, 2]))
    corners = np.stack([tilted(degrees) for degrees in (0, 10, 20)])
    data = replace(data, landmarks=corners, frames=np.tile(np.float32([1, 0, 0, 400, 200]), (3, 1)))
    assert protocol.largest_angle(data, [1]) == pytest.approx(10, abs=1e-3)
    assert protocol.largest_angle(data, [0, 1, 2]) == pytest.approx(20, abs=1e-3)


def tilted(degrees):
    """Corners [17,4,2] of level vertebrae, the topmost of which is turned by so many degrees."""
    boxes = np.float64([[-20, -8], [20, -8], [-20, 8], [20, 8]]) + np.zeros((17, 1, 1))
    turn = np.radians(degrees)
    boxes[0] = boxes[0] @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    boxes += np.stack([np.full(17, 100.0), 20 + 22.0 * np.arange(17)], 1)[:, None]
    return boxes.astype(np.float32)


def test_corners_are_drawn_where_there_are_some_and_else_masks():
    data = films(patients=2)
    np.testing.assert_array_equal(protocol.labels_to_draw(data, [1])["references"], data.labels[[1]])
    corners = np.ones((len(data), 2, 4, 2), np.float32)
    shown = protocol.labels_to_draw(replace(data, landmarks=corners), [0, 2])
    assert list(shown) == ["corners"]
    assert shown["corners"].shape == (2, 2, 4, 2)


def test_an_example_is_of_one_patient_with_a_film_of_each_view():
    data = films(patients=3, views=("coronal", "left_bending", "right_bending"))
    few = protocol.example(data, np.array([0, 3, 4, 5, 6]))
    assert few.tolist() == [3, 4, 5]
    assert protocol.example(data, np.array([0, 3, 4, 5, 6]), count=2).tolist() == [3, 4]


def test_pairs_across_the_split_are_those_of_test_films_that_are_here():
    data = films(patients=3, views=("coronal",), tests=1)
    near = ["p1_coronal;gone", "p0_coronal", ""]
    pairs = protocol.crossing_pairs(replace(data, table=data.table.assign(near_duplicate=near)))
    assert pairs == [(0, 1)]
    assert protocol.crossing_pairs(data) == []


def test_how_patients_were_told_is_read_from_what_the_data_were_prepared_with(tmp_path):
    run = a_run(tmp_path / "run", data=str(tmp_path))
    assert protocol.patients_told(run, "a") == "not known"
    (tmp_path / "a").mkdir()
    for given, words in (
        ({"dataset": "aasce", "source": "x"}, "the number in the file name, joined with near-duplicates"),
        ({"dataset": "aasce", "source": "x", "audit": False}, "the number in the file name"),
        ({"dataset": "aasce", "patients": "near_duplicate"}, "every film is a patient, joined with near-duplicates"),
        ({"dataset": "phantom"}, "each is made from a number of its own"),
        ({"dataset": "gone"}, "not known"),
    ):
        (tmp_path / "a" / "options.json").write_text(json.dumps(given))
        assert protocol.patients_told(run, "a") == words


def test_the_apex_of_a_bow_is_off_its_chord():
    data = films(patients=2, views=("coronal",), tests=1)
    corners = np.zeros((2, 3, 4, 2), np.float32)
    corners[..., 1] = np.array([0, 10, 20])[None, :, None]
    corners[:, 1, :, 0] = np.array([-2, 4])[:, None]
    facts = protocol.film_facts({"a": replace(data, landmarks=corners)})
    assert facts["apex offset %"].tolist() == [-10, 20]


def test_what_preparation_left_is_read_and_a_missing_table_is_empty(tmp_path):
    run = a_run(tmp_path / "run", data=str(tmp_path))
    assert list(protocol.problems(run, "a")) == ["case", "file", "problem", "remedy", "action"]
    assert protocol.read_near_duplicates(run, "a").empty
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "problems.csv").write_text("case,file,problem,remedy,action\nf,f.png,NA,look,left out\n")
    found = protocol.problems(run, "a")
    assert found.loc[0].tolist() == ["f", "f.png", "NA", "look", "left out"], "text stays text"
    for name in ("008", "1e5"):
        (tmp_path / "a" / "problems.csv").write_text(f"case,file,problem,remedy,action\n{name},f.png,dark,look,kept\n")
        assert protocol.problems(run, "a")["case"].tolist() == [name]
        (tmp_path / "a" / "audit.csv").write_text(f"a,b,similarity\n{name},009,0.5\n")
        assert protocol.read_near_duplicates(run, "a").loc[0].tolist() == [name, "009", 0.5]
