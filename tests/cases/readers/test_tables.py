import pytest

from spinelib.cases.readers.tables import read_bare_table, read_user_table, suggest
from spinelib.core.errors import BadInput

ROWS = [{"case": "Müller, A", "x": "12.5"}, {"case": "b", "x": "7"}]


@pytest.mark.parametrize(
    ("text", "encoding", "remark"),
    [
        ('case,x\n"Müller, A",12.5\nb,7\n', "utf-8", ""),
        ('Case,X\r\n"Müller, A",12.5\r\n\r\nb,7', "utf-8-sig", ""),
        (
            'case;x\n"Müller, A";12,5\nb;7\n',
            "cp1252",
            "was read as windows-1252 text, with fields separated by semicolons",
        ),
        ("sep=;\ncase;x\nMüller, A;12,5\n;\nb;7\n", "utf-8", "with fields separated by semicolons"),
        ("case\tx\nMüller, A\t12.5\nb\t7\n", "utf-16", "was read as utf-16-le text, with fields separated by tabs"),
        ('\n,,\n case , x,,\n"Müller, A", 12.5 ,,\n,,,\nb,7\n,\n', "utf-8", ""),
        ('case,x\r"Müller, A",12.5\rb,7\r', "utf-8", ""),
    ],
)
def test_tables_of_every_spreadsheet_read_alike(tmp_path, text, encoding, remark):
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    table = read_user_table(tmp_path / "a.csv", ("case", "x"))
    assert table.columns == ("case", "x")
    assert [table.number(row.values["x"]) for row in table.rows] == [12.5, 7.0]
    assert [row.values["case"] for row in table.rows] == [row["case"] for row in ROWS]
    assert table.bad == ()
    assert table.remark == remark


def test_rows_keep_their_number_in_the_spreadsheet_and_bad_ones_cost_themselves(tmp_path):
    (tmp_path / "a.csv").write_text('case,x\n\na,1\nb\nc,1,2\nd,"1\ne,5\n')
    table = read_user_table(tmp_path / "a.csv", ("case", "x"))
    assert [(row.line, row.values["case"]) for row in table.rows] == [(3, "a"), (7, "e")]
    assert [(row.line, row.fault) for row in table.bad] == [
        (4, "has 1 fields, the header 2"),
        (5, "has 3 fields, the header 2"),
        (6, "has a double quote that is not closed"),
    ]


@pytest.mark.parametrize("text", ["", "x", "1e999", "nan", "1_0", "1,2,3", "0x1", "--1", "1.234,5"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_what_is_no_number_is_none(tmp_path, text, separator):
    (tmp_path / "a.csv").write_text(f'case{separator}x\na{separator}"{text}"\n')
    table = read_user_table(tmp_path / "a.csv", ("case", "x"))
    assert table.number(table.rows[0].values["x"]) is None


def test_a_comma_within_a_number_counts_only_where_commas_do_not_separate(tmp_path):
    for separator, number in ((",", None), (";", 1.234), ("\t", 1.234)):
        (tmp_path / "a.csv").write_text(f'case{separator}x\na{separator}"1,234"\n')
        table = read_user_table(tmp_path / "a.csv", ("case", "x"))
        assert table.number(table.rows[0].values["x"]) == number


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no row"),
        (b"\n,,\n", "holds no row"),
        (b"case,y\n", "no column 'x'; its columns are case, y"),
        (b"case,x,x\n", "two columns of one name"),
        (b"case,x,colour\n", "unknown column 'colour'"),
        (b"PK\x03\x04\x14\0", "is a workbook"),
        (b"case,x\n\0\0", "is no text"),
    ],
)
def test_a_table_that_cannot_be_one_is_refused(tmp_path, content, words):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(BadInput, match=words) as error:
        read_user_table(tmp_path / "a.csv", ("case", "x"), ("case", "x", "y"))
    assert error.value.remedy


def test_a_name_is_answered_with_the_closest_one():
    assert suggest("V0", ["v0", "v1"]) == "Did you mean 'v0'?"
    assert suggest("v1.nii.gz", ["v0", "v1"]) == "Did you mean 'v1'?"
    assert suggest("cas_01", ["case_01", "b"]) == "Did you mean 'case_01'?"
    assert suggest("zz", ["a", "b"]) == "Known: a, b."
    assert suggest("zz", []) == "Known: none."
    assert suggest("zz", list("abcdefgh")) == "Known: a, b, c, d, e, f, ...."


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("1.5,2,3\n4,5,6\n", ","),
        ("1,5;2;3\n4;5;6\n", ";"),
        ("1,5;2,0;3,0\n4,0;5,0;6,0\n", ";"),
        ("1,5\t2,0\t3,0\n4,0\t5,0\t6,0\n", "\t"),
        ("x,y,z\n1.5,2,3\n\n4,5,6", ","),
        ("sep=;\n1,5;2;3\n4;5;6\n", ";"),
    ],
)
def test_tables_without_a_header_are_read_by_their_number_of_columns(tmp_path, text, separator):
    (tmp_path / "a.csv").write_text(text)
    table = read_bare_table(tmp_path / "a.csv", ("a", "b", "c"))
    assert (table.separator, table.bad) == (separator, ())
    assert [[table.number(value) for value in row.values.values()] for row in table.rows] == [[1.5, 2, 3], [4, 5, 6]]


def test_rows_of_another_length_are_bad_also_without_a_header(tmp_path):
    (tmp_path / "a.csv").write_text("1,2,3\n4,5\n6,7,8\n")
    table = read_bare_table(tmp_path / "a.csv", ("a", "b", "c"))
    assert [row.line for row in table.rows] == [1, 3]
    assert [(row.line, row.fault) for row in table.bad] == [(2, "has 2 fields, the header 3")]
    (tmp_path / "a.csv").write_text("")
    assert read_bare_table(tmp_path / "a.csv", ("a", "b", "c")).rows == ()


def test_a_field_of_megabytes_costs_its_row_and_in_the_header_the_table(tmp_path):
    path, long = tmp_path / "a.csv", "b" * 200_000
    path.write_text(f"case,x\na,1\n{long},2\nc,3\n")
    table = read_user_table(path, ("case", "x"))
    assert [row.values["case"] for row in table.rows] == ["a", "c"]
    assert [row.line for row in table.bad] == [3]
    path.write_text(f"case,{long}\na,1\n")
    with pytest.raises(BadInput, match=r"a\.csv: "):
        read_user_table(path, ("case", "x"))
    path.write_text(f"{long},2\n")
    assert read_bare_table(path, ("case", "x")).rows == ()
