"""cases.csv: a bad row costs its own film."""

import pytest

from .films import films, run, save, truth


def test_a_bad_row_is_a_problem_and_the_others_go_on(tmp_path):
    source = tmp_path / "in"
    films(source, [f"{k}.png" for k in range(8)])
    save(source / "m.png", truth())
    rows = [f"c{k},{k}.png,m.png,coronal,," for k in range(3)]
    rows += ["c3,3.png,m.png,sideways,,", "c4,4.png,m.png,coronal,x,", "c5,,m.png,,,", "c6,6.png,m.png,,,dev"]
    rows += ["c7,7.png,m.png,coronal,,", "c7,7.png,m.png,coronal,,", "c8,8.png"]
    (source / "cases.csv").write_text("\n".join(["case,image,mask,view,spacing,split", *rows]))
    cases, problems, uses = run(source)
    assert set(cases) == {"c0", "c1", "c2"}
    assert {problem.case for problem in problems if problem.action == "excluded"} >= {f"c{k}" for k in range(3, 9)}
    assert uses["cases.csv"].use == uses["0.png"].use == "used"
    assert uses["3.png"].use == uses["7.png"].use == "problem"


def test_a_table_from_a_spreadsheet_in_another_encoding(tmp_path):
    source = tmp_path / "in"
    films(source, ["ä.png", "ö.png"])
    save(source / "m.png", truth())
    text = "case;image;mask;patient\r\nä;ä.png;m.png;007\r\nö;ö.png;m.png;7\r\n"
    (source / "cases.csv").write_bytes(text.encode("windows-1252"))
    cases, problems, _ = run(source)
    # Numbers as names are names.
    assert {name: case.patient for name, case in cases.items()} == {"ä": "007", "ö": "7"}
    assert problems == []


def test_paths_as_windows_writes_them_and_letters_as_another_system_composes_them(tmp_path):
    source = tmp_path / "in"
    films(source / "images", ["M\u00fcller.png", "b.png"])
    save(source / "m.png", truth())
    (source / "cases.csv").write_text("image,mask\nimages\\Mu\u0308ller.png,m.png\n.\\images\\b.png,m.png\n")
    cases, problems, _ = run(source)
    assert {case.image for case in cases.values()} == {str(path) for path in (source / "images").iterdir()}
    assert problems == []


@pytest.mark.parametrize(
    ("text", "spacing"),
    [
        ("0,14;0,28", (0.14, 0.28)),
        ("0,14; 0,28", (0.14, 0.28)),
        ("0.14;0,28", (0.14, 0.28)),
        ("0,2", (0.2, 0.2)),
        ("0.14;0.28", (0.14, 0.28)),
    ],
)
@pytest.mark.parametrize("separator", [",", "\t"])
def test_decimal_commas_of_spacings(tmp_path, text, spacing, separator):
    source = tmp_path / "in"
    films(source, ["a.png", "b.png"])
    save(source / "m.png", truth())
    rows = [["image", "mask", "spacing"], ["a.png", "m.png", f'"{text}"'], ["b.png", "m.png", ""]]
    (source / "cases.csv").write_text("\n".join(separator.join(row) for row in rows))
    cases, _, _ = run(source)
    assert cases["a"].spacing == pytest.approx(spacing)
    assert cases["b"].spacing is None


@pytest.mark.parametrize("text", ["0.14,0.28", "0,14,0,28", "1.234,5"])
def test_commas_that_could_mean_two_things_are_refused(tmp_path, text):
    source = tmp_path / "in"
    films(source, ["a.png", "b.png", "c.png"])
    save(source / "m.png", truth())
    (source / "cases.csv").write_text(f'image,mask,spacing\na.png,m.png,"{text}"\nb.png,m.png,\nc.png,m.png,\n')
    cases, problems, _ = run(source)
    assert set(cases) == {"b", "c"}
    assert [row.problem for row in problems if row.case == "a"] == [f"row 2 has spacing {text!r}"]
