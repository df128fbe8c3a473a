"""Names of files from anywhere: safe on every system, and never over another file."""

import pytest

from spinelib.apply.desk.names import keep_file, safe_name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("film.png", "film.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\films\\a b.dcm", "a b.dcm"),
        (".hidden", "hidden"),
        ("a<b>|c?.png", "a_b__c_.png"),
        ("a\x00\nb.png", "a__b.png"),
        ("", "film"),
        ("...", "film"),
        (".png", "png"),
        ("con.png", "_con.png"),
        ("U\u0308bung.png", "\u00dcbung.png"),
        ("1.2.840.113619.2", "1.2.840.113619.2"),
        ("x" * 300 + ".png", "x" * 120 + ".png"),
    ],
)
def test_names_are_made_safe(given, kept):
    assert safe_name(given) == kept


def test_no_file_replaces_another(tmp_path):
    first = keep_file(tmp_path, "a.png", b"1")
    assert keep_file(tmp_path, "a.png", b"1") == first
    assert keep_file(tmp_path, "A.dcm", b"1").name == "A-2.dcm"
    second = keep_file(tmp_path, "x/a.png", b"2")
    assert second.name == "a-3.png"
    assert keep_file(tmp_path, "a.png", b"2") == second
    assert sorted(path.read_bytes() for path in tmp_path.iterdir()) == [b"1", b"1", b"2"]
