import os
from dataclasses import replace

import pytest

from spinelib.cases import Case, Problem, read_manifest, read_problems, write_classes, write_manifest, write_problems
from spinelib.cases.manifest import (
    COLUMNS,
    FileUse,
    read_classes,
    read_file_uses,
    to_table,
    write_file_uses,
)
from spinelib.core.errors import BadInput

CASE = Case(
    "a, b",
    'p"1"',
    "left_bending",
    "images/ü, 1.png",
    spacing=(0.143, 0.2),
    split="test",
    near_duplicate=("c", "d"),
    note="two\nlines",
)


def test_a_written_manifest_reads_back_the_same(tmp_path):
    cases = [CASE, Case("c", "p2", "coronal", "/abs/x.dcm", mask="m.json")]
    path = write_manifest(cases, tmp_path)
    assert read_manifest(path) == cases == read_manifest(tmp_path)
    assert path.read_text().splitlines()[0] == ",".join(COLUMNS)
    assert [p.name for p in tmp_path.iterdir()] == ["manifest.csv"]


def test_a_table_holds_the_rows_as_text():
    row = to_table([CASE]).iloc[0]
    assert row["spacing"] == "0.143;0.2"
    assert row["near_duplicate"] == "c;d"
    assert row["mask"] == ""


def _rewrite(path, old, new):
    path.write_text(path.read_text().replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("c1,", "c0,", "rows 2 and 3"),
        ("c1,", ",", "row 3 has no case"),
        ("p1,", ",", "row 3 has no patient"),
        ("x1.png", "", "row 3 has no image"),
        ("coronal", "frontal", "view 'frontal'"),
        ("xray", "ct", "modality 'ct'"),
        ("train", "validation", "split 'validation'"),
        ("0.2;0.2", "0;1", "spacing '0;1'"),
        ("0.2;0.2", "nan", "spacing 'nan'"),
        ("0.2;0.2", "a;b;c", "spacing 'a;b;c'"),
        ("patient,", "person,", "columns missing (patient) or unknown (person)"),
        ("x1.png", "x,1.png", "row 3 has more or fewer fields"),
    ],
)
def test_a_bad_field_is_named(tmp_path, old, new, reason):
    cases = [Case(f"c{k}", f"p{k}", "coronal", f"x{k}.png", spacing=(0.2, 0.2), split="train") for k in range(2)]
    path = write_manifest(cases, tmp_path)
    _rewrite(path, old, new)
    with pytest.raises(BadInput) as error:
        read_manifest(path)
    assert reason in str(error.value)
    assert "\n" not in str(error.value)


def test_one_number_is_the_spacing_of_both_axes(tmp_path):
    path = write_manifest([Case("c", "p", "coronal", "x.png", spacing=(0.2, 0.2))], tmp_path)
    _rewrite(path, "0.2;0.2", "0.14")
    assert read_manifest(path)[0].spacing == (0.14, 0.14)


@pytest.mark.parametrize("content", [None, b"", ",".join(COLUMNS).encode(), b"\xff\xfe\x00case"])
def test_a_missing_empty_or_binary_manifest_is_refused(tmp_path, content):
    if content is not None:
        (tmp_path / "manifest.csv").write_bytes(content)
    with pytest.raises(BadInput, match=r"manifest\.csv"):
        read_manifest(tmp_path)


def test_a_byte_order_mark_from_a_spreadsheet_does_no_harm(tmp_path):
    path = write_manifest([Case("c", "p", "coronal", "x.png")], tmp_path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_manifest(path) == [Case("c", "p", "coronal", "x.png")]


def test_what_the_header_says_is_kept_and_an_older_manifest_says_nothing(tmp_path):
    case = replace(CASE, study_date="20200131", laterality="L", view_position="AP", accession="0077")
    path = write_manifest([case], tmp_path)
    assert read_manifest(path) == [case]
    older = COLUMNS[: COLUMNS.index("study_date")]
    path.write_text(f"{','.join(older)}\na,p,coronal,a.png,,,,xray,,,\n")
    assert read_manifest(path) == [Case("a", "p", "coronal", "a.png")]


def test_names_that_are_no_utf8_can_be_written(tmp_path):
    name = os.fsdecode(b"\xcc\xe5.png")
    write_problems([Problem("c", name, "is wrong", "Rename it.", "excluded")], tmp_path)
    assert read_problems(tmp_path)[0].file == r"\xcc\xe5.png"


def test_uses_of_files_are_read_back(tmp_path):
    uses = [FileUse("a, b.png", "used", "case a"), FileUse("x", "ignored", "hidden")]
    write_file_uses(uses, tmp_path)
    assert read_file_uses(tmp_path) == uses
    assert read_file_uses(tmp_path / "none") == []


def test_problems_are_kept_once_and_read_back(tmp_path):
    problem = Problem.of("c", BadInput("f, 1.png", "is empty", "Copy it again."))
    write_problems([problem, problem], tmp_path)
    assert read_problems(tmp_path) == [problem]
    assert (problem.action, problem.file) == ("excluded", "f, 1.png")
    assert read_problems(tmp_path / "none") == []


def test_classes_default_to_spine_and_number_from_one(tmp_path):
    assert read_classes(tmp_path) == ("spine",)
    path = write_classes(("vertebra", "disc"), tmp_path)
    assert read_classes(tmp_path) == ("vertebra", "disc")
    _rewrite(path, "2,", "3,")
    with pytest.raises(BadInput, match="not 1, 2, 3"):
        read_classes(tmp_path)
