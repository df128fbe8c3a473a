"""Study files, read strictly."""

from pathlib import Path

import pytest
import yaml

from spinelib.core.errors import BadInput
from spinelib.study import read_study
from spinelib.study.schema import check_keys, check_name, check_numbers, check_texts
from tests.core.test_written_yaml import BOMB


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title: a\ntitle: b\n", "line 2: key 'title' is given twice"),
        ("title: [a\n", "is not readable YAML"),
        ("- a\n", "is not a mapping"),
        ("question: what\n", "the study has no 'title'"),
        ("title: a\ndata: &a {b: *a}\n", "line 2: a part is repeated within itself"),
        (BOMB, "line 1: repeated parts make too much of it"),
    ],
)
def test_files_that_are_no_studies_are_named(tmp_path, text, words):
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    with pytest.raises(BadInput, match=words):
        read_study(file)


FILE = Path("tiny.yaml")


def test_keys_have_known_names_and_types_and_none_is_missing():
    known = {"count": int, "share": (int, float), "name": str, "flag": bool}
    check_keys({"count": 3, "share": 0.5, "name": "a", "flag": True}, known, FILE, "run 1", required=("name",))
    for given, words in (
        ({"cuont": 3}, "unknown key 'cuont' in run 1. Did you mean 'count'"),
        ({"count": True}, "'count' in run 1 is True. Give a int"),
        ({"share": "half"}, "'share' in run 1 is 'half'. Give a int or float"),
        ({"flag": 1}, "'flag' in run 1 is 1. Give a bool"),
        ({"count": 3}, "run 1 has no 'name'. Add 'name: ...'"),
        ([], r"run 1 is \[\], not a mapping"),
    ):
        with pytest.raises(BadInput, match=words):
            check_keys(given, known, FILE, "run 1", required=("name",))


@pytest.mark.parametrize("name", ["", "Full", "a-b", "a b", "a\n", 3, None])
def test_a_name_has_small_letters_digits_and_underscores_only(name):
    assert check_name("no_mcskip2", FILE, "a variant") == "no_mcskip2"
    with pytest.raises(BadInput, match=r"is no name for a variant\. Use small letters"):
        check_name(name, FILE, "a variant")


@pytest.mark.parametrize("values", [[], [-1], [0, 0], [True], [1.0], "01", 3])
def test_numbers_are_whole_different_and_counted_from_nought(values):
    assert check_numbers([0, 7, 2], FILE, "'seeds'") == [0, 7, 2]
    with pytest.raises(BadInput, match="Give a list of different whole numbers"):
        check_numbers(values, FILE, "'seeds'")


@pytest.mark.parametrize(("text", "seen"), [("[7]", "7"), ("[007]", "7"), ("[a, 1e5, 2.5]", "2.5"), ("[true]", "True")])
def test_names_that_yaml_reads_as_something_else_ask_for_quotes(tmp_path, text, seen):
    given = yaml.safe_load(f"names: {text}")
    with pytest.raises(
        BadInput, match=rf"'names' holds {seen}, which is no text\. Put names that are numbers in quotes"
    ):
        check_texts(given, "names", tmp_path)
    assert check_texts({"names": ["007", "a"]}, "names", tmp_path) == ["007", "a"]
    assert check_texts({}, "names", tmp_path) == []
