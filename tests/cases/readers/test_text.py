import pytest

from spinelib.cases.readers.text import read_text, say_encoding
from spinelib.core.errors import BadInput


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        ("plain", "utf-8", "utf-8"),
        ("Wirbelkörper, 椎体", "utf-8", "utf-8"),
        ("Wirbelkörper, 椎体", "utf-8-sig", "utf-8"),
        ("Wirbelkörper, 椎体", "utf-16", "utf-16-le"),
        ("Wirbelkörper", "utf-16-le", "utf-16-le"),
        ("Wirbelkörper", "utf-16-be", "utf-16-be"),
        ("椎体", "utf-32", "utf-32-le"),
        ('{"label": "椎体"}', "gbk", "gb18030"),
        ('{"label": "Wirbelkörper"}', "cp1252", "windows-1252"),
        ('{"label": "vertèbre é"}', "cp1252", "windows-1252"),
        ('{"label": "せきつい"}', "shift_jis", "shift_jis"),
    ],
)
def test_text_is_read_in_its_own_encoding_which_is_named(tmp_path, text, encoding, said):
    path = tmp_path / "a.json"
    path.write_bytes(text.encode(encoding))
    assert read_text(path) == (text, said)
    assert say_encoding(said) == ("" if said == "utf-8" else f"was read as {said} text")


@pytest.mark.parametrize("content", [b"\0\1\2\3\xff\xfe", b"a" * 100 + b"\0\0", b"\xff\xfea", b"\x81\xff\x81"])
def test_what_is_no_text_is_refused(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="is no text"):
        read_text(path)


def test_a_missing_and_a_large_file_are_refused(tmp_path):
    with pytest.raises(BadInput, match="does not exist"):
        read_text(tmp_path / "none.csv")
    (tmp_path / "a.csv").write_text("x" * 2_000_001)
    with pytest.raises(BadInput, match="more than 2 MB"):
        read_text(tmp_path / "a.csv", 2_000_000)
