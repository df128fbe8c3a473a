"""Films with labels: what is checked, repaired or left out, and how they are divided and written."""

import numpy as np
import pytest
from PIL import Image

from spinelib.cases.manifest import Case, read_classes, read_manifest, read_problems
from spinelib.cases.readers.film import read_film
from spinelib.cases.readers.landmarks import read_landmarks, write_landmarks
from spinelib.core.errors import BadInput
from spinelib.sources.pairs import write_films

from ..cases.films import film, spine
from ..cases.framed import square
from ..cases.readers.dicoms import dicom

SHAPE = (120, 60)


@pytest.fixture
def folder(tmp_path):
    mask = np.zeros(SHAPE, np.uint8)
    mask[10:110, 20:40] = 255
    for k in range(5):
        Image.fromarray(film(*SHAPE, seed=k)).save(tmp_path / f"{k}.png")
        Image.fromarray(mask).save(tmp_path / f"mask{k}.png")
    return tmp_path


def masked(count=5, **changes):
    return [Case(f"c{k}", f"p{k}", "coronal", f"{k}.png", f"mask{k}.png", **changes) for k in range(count)]


def write(cases, folder, **options):
    problems = []
    write_films(cases, folder, folder, problems, **options)
    return read_manifest(folder), problems


def test_whole_patients_are_held_back_by_the_seed(folder):
    cases, problems = write(masked(), folder, test_fraction=0.4, seed=1)
    assert problems == []
    assert [case.split for case in cases].count("test") == 2
    assert [case.split for case in write(masked(), folder, test_fraction=0.4, seed=1)[0]] == [c.split for c in cases]
    drawn = {tuple(c.split for c in write(masked(), folder, audit=False, seed=s)[0]) for s in range(6)}
    assert len(drawn) > 1
    assert (folder / "audit.csv").exists()
    assert read_classes(folder) == ("spine",)


def test_a_split_that_is_given_stays_and_a_patient_on_both_sides_is_refused(folder):
    cases = [*masked(2, split="train"), *masked(4, split="test")[2:]]
    assert [case.split for case in write(cases, folder)[0]] == ["train", "train", "test", "test"]
    twice = [*masked(1, split="train"), Case("c9", "p0", "coronal", "3.png", "mask3.png", split="test")]
    with pytest.raises(BadInput, match="'p0'"):
        write(twice, folder)


def test_landmarks_are_repaired_or_their_film_is_left_out(folder):
    turned = spine(*SHAPE)
    turned[4] = turned[4, [2, 3, 0, 1]]
    write_landmarks({"c0": spine(*SHAPE), "c1": turned, "c2": 3 * spine(*SHAPE), "c3": spine(*SHAPE)}, folder)
    given = [Case(f"c{k}", f"p{k}", "coronal", f"{k}.png", landmarks="landmarks.csv") for k in range(5)]
    cases, problems = write(given, folder, audit=False)
    assert [case.case for case in cases] == ["c0", "c1", "c3"]
    assert {(problem.case, problem.action) for problem in problems} == {
        ("c1", "repaired"),
        ("c2", "excluded"),
        ("c4", "excluded"),
    }
    assert read_problems(folder) == problems
    np.testing.assert_allclose(read_landmarks(folder / "landmarks.csv")["c1"], spine(*SHAPE), atol=1e-3)


def test_a_film_without_label_and_one_of_one_grey_are_problems_of_their_own(folder):
    Image.new("L", SHAPE[::-1], 9).save(folder / "1.png")
    cases = masked(4)
    cases[2] = Case("c2", "p2", "coronal", "2.png")
    kept, problems = write(cases, folder, audit=False)
    assert [case.case for case in kept] == ["c0", "c3"]
    reasons = {problem.case: problem.problem for problem in problems}
    assert reasons == {"c1": "shows one grey value only", "c2": "has neither a mask nor landmarks"}
    assert all(problem.remedy for problem in problems)


def test_no_usable_film_says_what_was_wrong_with_the_first(folder):
    (folder / "0.png").write_bytes(b"")
    with pytest.raises(BadInput, match=r"holds no usable film; the first problem: .*0\.png: is empty"):
        write(masked(1), folder)
    with pytest.raises(BadInput, match="cannot be split"):
        write(masked(2)[1:], folder, audit=False)


def test_a_reference_in_what_was_taken_for_a_frame_is_said_and_kept(folder):
    framed = square(film(200, 100), 0)
    mask = np.zeros((200, 200), np.uint8)
    mask[20:180, 40:120] = 255
    Image.fromarray(framed.pixels).save(folder / "0.png")
    Image.fromarray(mask).save(folder / "mask0.png")
    cases, problems = write(masked(), folder, audit=False)
    assert len(cases) == 5
    (problem,) = problems
    assert (problem.case, problem.file, problem.action) == ("c0", "mask0.png", "kept")
    # Ten of the mask's eighty columns lie left of the film's first one.
    assert "12.5% of what it marks lies outside the film (100 x 200 px from 50, 0)" in problem.problem


def test_the_size_of_a_pixel_that_a_table_states_goes_into_the_manifest(folder):
    cases, problems = write(masked(spacing=(0.4, 0.2)), folder, audit=False)
    assert problems == []
    assert {case.spacing for case in cases} == {(0.4, 0.2)}


@pytest.mark.parametrize(("says", "turns"), [("R\\H", 2), ("F\\R", 3), ("H\\L", 1)])
def test_corners_on_a_film_that_its_header_turns_stay_in_pixels_of_the_file(tmp_path, says, turns):
    upright, corners = film(160, 80), spine(160, 80)
    for k in range(2):
        stored = np.rot90(upright, -turns).astype(np.uint16) * 16
        dicom(tmp_path / f"{k}.dcm", stored, PatientOrientation=says, PatientID=f"P{k}")
    place = read_film(tmp_path / "0.dcm").place
    assert place.turns == turns
    in_file = np.asarray(place.from_upright(corners), float)
    write_landmarks({"0": in_file, "1": in_file}, tmp_path)
    write(
        [Case(str(k), str(k), "coronal", f"{k}.dcm", landmarks="landmarks.csv") for k in range(2)],
        tmp_path,
        audit=False,
    )
    assert [row for row in read_problems(tmp_path) if row.action == "excluded"] == []
    np.testing.assert_allclose(read_landmarks(tmp_path / "landmarks.csv")["0"], in_file, atol=0.01)
    np.testing.assert_allclose(place.to_film(in_file), corners, atol=1e-6)


def test_a_name_that_two_films_carry_tells_neither_of_them(folder, tmp_path):
    for patient in ("p1", "p2"):
        (tmp_path / patient).mkdir()
        Image.fromarray(film(160, 80)).save(tmp_path / patient / "film.png")
    Image.fromarray(film(160, 80)).save(tmp_path / "c.png")
    write_landmarks({"film": spine(160, 80), "c": spine(160, 80)}, tmp_path)
    names = {"p1_film": "p1/film.png", "p2_film": "p2/film.png", "c": "c.png"}
    cases = [Case(name, name, "coronal", file, landmarks="landmarks.csv") for name, file in names.items()]
    with pytest.raises(BadInput, match="cannot be split"):
        write(cases, tmp_path)
