"""Tables as rows of text."""

import pytest

from spinelib.core.csv_rows import guarded, read_table, unguarded
from spinelib.core.errors import BadInput


def test_every_field_is_text_and_a_byte_order_mark_does_no_harm(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b'\xef\xbb\xbfcase,size\r\n"a, b",01\r\n')
    assert read_table(path) == [{"case": "a, b", "size": "01"}]


def test_a_field_of_megabytes_is_refused_in_words(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("case,patient\n" + "a" * 200_000 + ",1\n")
    with pytest.raises(BadInput, match=r"a.csv: cannot be read as a table \(field larger than field limit"):
        read_table(path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "does not exist"), (b"\xff\xfe", "cannot be read as UTF-8"), (b"a,b\n1\n", "row 2 has more or fewer")],
)
def test_what_is_no_table_is_named_with_its_reason(tmp_path, content, reason):
    if content is not None:
        (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(BadInput, match=reason):
        read_table(tmp_path / "a.csv")


@pytest.mark.parametrize("text", ["=1+1", "+a", "-b.png", "@sum", "\tx", "'=1", "''-a", "-1-2"])
def test_what_a_spreadsheet_would_run_is_marked_as_text_and_read_back(text):
    assert guarded(text) == f"'{text}"
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("value", ["a.png", "", "-3.5", "+1e5", "'quoted'", "a=b", 4, -2.5, None])
def test_all_else_is_written_and_read_as_it_is(value):
    assert guarded(value) is value
    assert unguarded(str(value)) == str(value)
