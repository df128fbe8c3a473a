"""Patients by header, by the user, by name; and what is said where these disagree."""

import numpy as np
import pytest

from spinelib.cases.manifest import Case
from spinelib.cases.readers.images import Facts
from spinelib.core.errors import BadInput
from spinelib.sources import patients
from spinelib.sources.patients import series_facts, settle_patients, settle_view, short_hash

from ..cases.readers.test_dicom import dicom
from ..cases.volumes import SPACING, lumbar, save_series
from .formats.films import SHAPE, film, run, save, truth


def case(name, patient="", split="", **changes):
    return Case(name, patient, "", f"{name}.dcm", split=split, **changes)


def settle(cases, headers, **options):
    problems = []
    facts = {each.case: Facts(patient=headers.get(each.case, "")) for each in cases}
    found = settle_patients(cases, facts, problems, **options)
    return {each.case: each.patient for each in found}, problems


def test_films_of_one_header_are_one_patients_and_others_have_their_names():
    found, problems = settle([case("a"), case("b"), case("c")], {"a": "P1", "b": " P1 "})
    assert found == {"a": "P1", "b": "P1", "c": "c"}
    assert problems == []


def test_what_the_user_tells_keeps_its_name_where_the_header_agrees():
    found, problems = settle([case("a", "ann"), case("b", "ann"), case("c", "ben")], {"a": "1", "b": "1", "c": "2"})
    assert found == {"a": "ann", "b": "ann", "c": "ben"}
    assert problems == []


@pytest.mark.parametrize(
    ("told", "headers"),
    [
        ({"a": "ann", "b": "ben"}, {"a": "1", "b": "1"}),
        ({"a": "ann", "b": "ann"}, {"a": "1", "b": "2"}),
    ],
)
def test_where_they_disagree_all_that_they_join_is_one_patient_and_a_row_says_so(told, headers):
    found, problems = settle([case(name, told[name]) for name in "ab"] + [case("c")], headers)
    assert found["a"] == found["b"] != found["c"]
    assert len(problems) == 1
    assert problems[0].action == "kept"
    assert all(repr(word) in problems[0].problem for word in {*told.values(), *headers.values()})


@pytest.mark.parametrize("patient", ["", "ann"])
def test_one_header_on_both_sides_of_a_given_split_stops(patient):
    cases = [case("a", patient and "ann", "train"), case("b", patient and "ben", "test")]
    with pytest.raises(BadInput, match=r"PatientID 'P1' is on both sides of the split \(a in train, b in test\)"):
        settle(cases, {"a": "P1", "b": "P1"})
    found, problems = settle(cases, {"a": "P1", "b": "P1"}, header=False)
    assert len(set(found.values())) == 2
    assert problems == []


@pytest.mark.parametrize("others", [0, 2])
def test_folders_that_would_make_one_patient_of_all_headers_are_none(others):
    headers = {f"{year}{name}": name for year in (2019, 2020) for name in "ABC"}
    cases = [case(name, name[:4]) for name in headers] + [case(f"x{k}") for k in range(others)]
    found, problems = settle(cases, headers)
    assert found == headers | {f"x{k}": f"x{k}" for k in range(others)}
    assert [(row.problem, row.action) for row in problems] == [
        (
            "table or folders ('2019', '2020') would make one patient of PatientID 'A', 'B', 'C': those of the headers "
            "count",
            "kept",
        )
    ]
    problems = []
    settled = settle_patients(cases, {name: Facts(patient=word) for name, word in headers.items()}, problems)
    assert {each.note for each in settled if each.case in headers} == {"patient by header"}


def test_a_patient_told_on_both_sides_says_what_does_not_agree():
    cases = [case("a", "2019", "train"), case("b", "2019", "test"), case("c", "ben", "test")]
    reason = (
        r"patient '2019' is on both sides of the split \(a in train, b in test\); "
        r"headers say PatientID 'A', 'B', table or folders '2019'"
    )
    with pytest.raises(BadInput, match=reason):
        settle(cases, {"a": "A", "b": "B"})


@pytest.mark.parametrize("word", ["", "0", "ANONYMOUS", "anonymized", " None "])
def test_words_for_nobody_are_no_patients(word):
    assert settle([case("a"), case("b")], {"a": word, "b": word})[0] == {"a": "a", "b": "b"}


def test_hashes_stand_for_ids_in_rows_too():
    cases = [case("a", "ann", accession="77"), case("b", "ben")]
    problems = []
    facts = {name: Facts(patient="P1") for name in "ab"}
    found = settle_patients(cases, facts, problems, write=short_hash)
    assert found[0].patient == found[1].patient == short_hash("P1")
    assert found[0].accession == short_hash("77")
    assert found[1].accession == ""
    assert all(word not in problems[0].problem for word in ("P1", "ann", "ben"))
    # SHA-256 of "P1".
    assert short_hash("P1") == "fbeae7c18667"


@pytest.mark.parametrize(
    ("told", "position", "view", "rows"),
    [
        ("", "", "coronal", 0),
        ("", "PA", "coronal", 0),
        ("", "LL", "lateral", 0),
        ("", "lat ", "lateral", 0),
        ("left_bending", "AP", "left_bending", 0),
        ("coronal", "RL", "coronal", 1),
        ("lateral", "AP", "lateral", 1),
    ],
)
def test_the_header_tells_the_view_where_nobody_else_does(told, position, view, rows):
    problems = []
    facts = Facts("P", "20200131", "L", position, "77")
    found = settle_view(Case("a", "", told, "a.dcm"), facts, problems)
    assert (found.view, len(problems)) == (view, rows)
    assert (found.study_date, found.laterality, found.accession) == ("20200131", "L", "77")
    assert found.view_position == position


def test_films_of_one_patient_never_cross_a_split(tmp_path):
    source = tmp_path / "in"
    (source / "images").mkdir(parents=True)
    for k in range(9):
        tags = {"PatientID": f"P{k // 3}", "StudyDate": "20200131", "ViewPosition": "AP", "AccessionNumber": "A7"}
        dicom(source / "images" / f"{k}.dcm", film(*SHAPE, seed=k).astype(np.uint16) * 16, **tags)
        save(source / "masks" / f"{k}.png", truth())
    cases, problems, _ = run(source)
    assert {name: each.patient for name, each in cases.items()} == {str(k): f"P{k // 3}" for k in range(9)}
    assert all(len({each.split for each in cases.values() if each.patient == f"P{k}"}) == 1 for k in range(3))
    assert {(each.study_date, each.view_position, each.accession) for each in cases.values()} == {
        ("20200131", "AP", "A7")
    }
    assert problems == []
    hashed, _, _ = run(source, hash_patients=True)
    assert {each.patient for each in hashed.values()} == {short_hash(f"P{k}") for k in range(3)}
    assert "P0" not in (tmp_path / "out" / "manifest.csv").read_text()
    by_name, _, _ = run(source, patients="files")
    assert {each.patient for each in by_name.values()} == {str(k) for k in range(9)}
    assert {each.note for each in by_name.values()} == {"patient by file name"}


def test_one_placeholder_in_every_header_is_said(tmp_path):
    source = tmp_path / "in"
    (source / "images").mkdir(parents=True)
    for k in range(3):
        dicom(source / "images" / f"{k}.dcm", film(*SHAPE, seed=k).astype(np.uint16) * 16, PatientID="HOSPITAL")
        save(source / "masks" / f"{k}.png", truth())
    found, problems, _ = run(source)
    assert {(each.patient, each.split) for each in found.values()} == {("HOSPITAL", "train")}
    (row,) = (each for each in problems if "HOSPITAL" in each.problem)
    assert "all 3 films carry the PatientID 'HOSPITAL': none can be held out" in row.problem
    assert row.remedy.endswith("patients: files.")


def test_slices_tell_the_patient_of_a_volume(tmp_path):
    save_series(tmp_path / "p", lumbar()[0].astype(np.uint16), SPACING, uid="1.2.3")
    assert series_facts(tmp_path / "p").view_position == ""
    assert series_facts(tmp_path / "none") == Facts()
    (tmp_path / "q").mkdir()
    dicom(tmp_path / "q" / "1.dcm", PatientID="P7")
    assert series_facts(tmp_path / "q").patient == "P7"


def test_folders_of_years_do_not_make_one_patient_of_all(tmp_path):
    source = tmp_path / "in"
    for year in ("2019", "2020"):
        for k, patient in enumerate("ABC"):
            pixels = film(*SHAPE, seed=k).astype(np.uint16) * 16
            (source / "images" / year).mkdir(parents=True, exist_ok=True)
            dicom(source / "images" / year / f"{patient}{year}.dcm", pixels, PatientID=patient)
            save(source / "masks" / year / f"{patient}{year}.png", truth())
    found, problems, _ = run(source)
    assert {each.case[0]: each.patient for each in found.values()} == {"A": "A", "B": "B", "C": "C"}
    assert any("folders ('2019', '2020') would make one patient of PatientID" in row.problem for row in problems)


def test_a_folder_of_many_patients_is_no_long_way():
    groups = patients._Groups()
    for number in range(3000):
        groups.join(f"case {number}", "told 2019")
        groups.join(f"case {number}", f"header {number}")
    assert len({groups.root(f"case {number}") for number in range(3000)}) == 1
    word, steps = "told 2019", 0
    while groups.parent[word] != word:
        word, steps = groups.parent[word], steps + 1
    assert steps < 30
