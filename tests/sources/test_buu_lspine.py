import numpy as np
import pytest
from PIL import Image

from spinelib.cases import load_arrays, read_classes, read_manifest, read_problems
from spinelib.core.errors import BadInput
from spinelib.sources.buu_lspine import LEVELS, prepare_buu_lspine, read_end_plates
from spinelib.spinefm.instances import has_landmarks, instances_of

from ..cases.films import film
from .accounts import uses

SHAPE = (150, 100)


def plates(count):
    """End-plates of L1..L5 (and S1): 40 px wide, bodies 16 px high, discs 6 px."""
    rows = []
    for k in range(count):
        y = 10 + 22 * (k // 2) + 16 * (k % 2)
        rows.append((30.0 + k, y, 70.0 + k, y + 1.0, int(k == 7)))
    return rows


def add(root, view, name, rows=None, text=None):
    (root / view).mkdir(parents=True, exist_ok=True)
    Image.fromarray(film(*SHAPE, seed=int(name[:4]))).save(root / view / f"{name}.jpg", quality=95)
    rows = plates(10 if view == "AP" else 11) if rows is None else rows
    lines = "\n".join(",".join(map(str, row)) for row in rows) if text is None else text
    (root / view / f"{name}.csv").write_text(lines + "\n", encoding="utf-8")


@pytest.fixture
def source(tmp_path):
    root = tmp_path / "BUU-LSPINE_400"
    for k in (1, 3, 4, 5):
        add(root, "AP", f"{k:04d}-F-037Y0")
        add(root, "LA", f"{k:04d}-F-037Y1")
    return root


def run(source, **options):
    out = source.parent / "out"
    prepare_buu_lspine(source, out, **{"test_fraction": 0.5, **options})
    return out, {case.case: case for case in read_manifest(out)}, {p.case: p for p in read_problems(out)}


def test_end_plates_become_label_maps_of_l1_to_l5(source):
    out, cases, problems = run(source)
    assert problems == {}
    assert sorted(cases)[0] == "0001-F-037Y1"
    case = cases["0001-F-037Y1"]
    assert (case.patient, case.view, case.note) == ("0001", "lateral", "F, 37 years")
    assert read_classes(out) == LEVELS
    data = load_arrays(out, SHAPE)
    found = instances_of(data, 0)
    assert [instance.level for instance in found] == list(LEVELS)
    assert abs(int(found[0].mask.sum()) - 40 * 16) < 60
    assert not has_landmarks(data)


def test_s1_has_its_upper_corners_only(source):
    out, cases, _ = run(source)
    lines = (out / "corners.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + 6 * len(cases)
    assert "0001-F-037Y1,S1,40.0,120.0,80.0,121.0,,,," in lines


def test_both_views_of_a_patient_lie_on_one_side(source):
    _, cases, problems = run(source.parent, views=["AP", "LA"])
    assert problems == {}
    assert len(cases) == 8
    assert {case.view for case in cases.values()} == {"coronal", "lateral"}
    for name in ("0001", "0003", "0004", "0005"):
        assert len({case.split for case in cases.values() if case.patient == name}) == 1


def test_a_header_is_passed_over(source):
    add(source, "LA", "0001-F-037Y1", [("x1", "y1", "x2", "y2", "label"), *plates(11)])
    _, cases, problems = run(source)
    assert len(cases) == 4
    assert problems == {}


BAD = {
    "ten rows": (plates(10), "has 10 end-plates, not 11"),
    "six vertebrae": (plates(13), "has 13 end-plates"),
    "four columns": ([row[:4] for row in plates(11)], "has 4 fields, the header 5"),
    "text": ([*plates(10), ("a", 1, 2, 3, 0)], "not a number"),
    "nan": ([*plates(10), ("nan", 1, 2, 3, 0)], "not a number"),
    "huge": ([*plates(10), (1e300, 1, 2, 3, 0)], "not a number"),
    "crossed": ([(70.0, 10, 30.0, 11, 0), *plates(11)[1:]], "L1 cross"),
    "outside": ([(x + 60, y, X + 60, Y, c) for x, y, X, Y, c in plates(11)], "outside the film"),
    "upside down": ([*plates(11)[2:4], *plates(11)[:2], *plates(11)[4:]], "L2 does not lie below L1"),
    "empty": ([], "has 0 end-plates"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_table_is_one_row_of_problems(source, name):
    rows, words = BAD[name]
    add(source, "LA", "0009-M-020Y1", rows)
    _, cases, problems = run(source)
    assert len(cases) == 4
    assert words in problems["0009-M-020Y1"].problem


def test_hostile_files_and_other_names_are_listed(source):
    add(source, "LA", "0009-M-020Y1", text="1,2,3,4,5\n" * 50_000)
    (source / "LA" / "0010-M-020Y1.csv").write_bytes(b"\xff\xfe\x00\x01" * 9)
    (source / "LA" / "0010-M-020Y1.jpg").write_bytes(b"no film")
    add(source, "LA", "0011-M-020Y0")
    (source / "LA" / "0012-M-020Y1.csv").write_text("", encoding="utf-8")
    _, cases, problems = run(source)
    assert len(cases) == 4
    assert "has 50000 end-plates" in problems["0009-M-020Y1"].problem
    assert "not an image of a known format" in problems["0010-M-020Y1"].problem
    assert "not called patient-sex-ageY1" in problems["0011-M-020Y0"].problem
    assert "no image" in problems["0012-M-020Y1"].problem


def test_corners_are_left_and_right_of_upper_and_lower_end_plate(source):
    corners, remark = read_end_plates(source / "AP" / "0001-F-037Y0.csv", 10)
    assert remark == ""
    np.testing.assert_allclose(corners["L2"], [[32, 32], [72, 33], [33, 48], [73, 49]])
    assert list(corners) == list(LEVELS)


def test_another_layout_and_view_are_refused(source, tmp_path):
    with pytest.raises(BadInput, match="does not hold LA"):
        prepare_buu_lspine(source / "AP", tmp_path / "out")
    with pytest.raises(BadInput, match="views is"):
        prepare_buu_lspine(source, tmp_path / "out", views=["PA"])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_tables_with_decimal_commas_are_read(source, encoding):
    path = source / "AP" / "0001-F-037Y0.csv"
    wanted, _ = read_end_plates(path, 10)
    path.write_bytes(path.read_text().replace(",", ";").replace(".", ",").encode(encoding))
    found, remark = read_end_plates(path, 10)
    assert all((found[level] == wanted[level]).all() for level in wanted)
    assert "separated by semicolons" in remark


def test_every_file_is_accounted_for_and_of_two_of_one_name_none_is_taken(source):
    for k in (6, 7):
        add(source, "LA", f"{k:04d}-F-037Y1")
    lateral = source / "LA"
    Image.open(lateral / "0006-F-037Y1.jpg").save(lateral / "0006-F-037Y1.png")
    (lateral / "0007-F-037Y1.csv").unlink()
    (lateral / "0007-F-037Y1.csv").symlink_to(source / "nowhere.csv")
    (lateral / "readme.txt").write_text("x")
    out, cases, problems = run(source)
    assert len(cases) == 4
    found = uses(source, out)
    bad = ("0006-F-037Y1.jpg", "0006-F-037Y1.png", "0006-F-037Y1.csv", "0007-F-037Y1.jpg", "0007-F-037Y1.csv")
    assert {name for name, use in found.items() if use == "problem"} == {f"LA/{name}" for name in bad}
    assert {use for name, use in found.items() if name.startswith("AP/")} == {"ignored"}
    assert {"0006-F-037Y1", "0007-F-037Y1"} <= problems.keys()
