import numpy as np
import pytest
import yaml

from spinelib.cases.readers.label_names import LabelNames, read_label_names, snippet, write_label_names
from spinelib.core.errors import BadInput

SPINE = ("spine",)


def names(folder, text):
    (folder / "labels.yaml").write_text(text, encoding="utf-8")
    return read_label_names(folder)


def test_all_keys_are_read(tmp_path):
    text = """
    structures: {Wirbel  Körper: spine, no: null, 1e3: L3, pelvis: }
    values: {1: spine, 2: null, -1: ~}
    colours: {"#FF0000": spine}
    ignore: [255]
    inverted: [a.png]
    """
    found = names(tmp_path, text)
    assert found.structures == {"wirbel körper": "spine", "no": None, "1e3": "L3", "pelvis": None}
    assert found.values == {1: "spine", 2: None, -1: None}
    assert found.colours == {"#ff0000": "spine"}
    assert found.ignore == (255,)
    assert found.turns(tmp_path / "a.png") is True
    assert found.turns(tmp_path / "b.png") is False
    assert found.file == str(tmp_path / "labels.yaml")


def test_without_the_file_nothing_is_said(tmp_path):
    assert read_label_names(tmp_path) == LabelNames()
    assert LabelNames().turns(tmp_path / "a.png") is None
    assert names(tmp_path, "# nothing\n").structures == {}


@pytest.mark.parametrize(("text", "said"), [("true", True), ("no", False), ("", None), ("null", None)])
def test_inverted_is_a_switch(tmp_path, text, said):
    assert names(tmp_path, f"inverted: {text}").inverted is said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("structure: {a: spine}", r"unknown key 'structure'. Did you mean 'structures'"),
        ("values: {1: a, 1: b}", r"line 1: key '1' is given twice"),
        ("structures: {Hip: a, hip: b}", "gives 'hip' two meanings"),
        ("structures: [a]", "structures is no mapping"),
        ("structures: &a {b: *a}", "line 1: a part is repeated within itself"),
        ("[" * 1_000, "nests lists or mappings too deeply"),
        ("structures: {a: [b]}", "structures is no mapping"),
        ("structures: {[a]: b}", "a key is no text"),
        ("values: {x: a}", "names the value 'x'"),
        ("values: {1.5: a}", "names the value '1.5'"),
        ("values: {99999999: a}", "names the value"),
        ("colours: {red: a}", "names the colour 'red'"),
        ("ignore: 255", "ignore is no list"),
        ("inverted: perhaps", "inverted is 'perhaps'"),
        ("- a", "is no list of keys"),
        ("structures: {", "line 1"),
        ("[" * 5000, "no valid YAML"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path, text, words):
    with pytest.raises(BadInput, match=words) as error:
        names(tmp_path, text)
    assert "\n" not in str(error.value)


def test_names_are_found_by_the_file_then_the_classes_then_words_for_the_spine(tmp_path):
    found = names(tmp_path, "structures: {T5: null, Rücken: spine, B: L3}")
    assert found.find("t5", SPINE) == (0, None)
    assert found.find("rücken", SPINE) == (1, None)
    assert found.find("b", SPINE) == (1, "L3")
    assert found.find("Th6", SPINE) == (1, "T6")
    assert found.find("vertebra_2", SPINE) == (1, None)
    assert found.find("pelvis", SPINE) is None
    assert found.find("Disc", ("vertebra", "disc")) == (2, None)
    assert found.find("T6", ("vertebra", "disc")) is None
    assert found.find("Th6", ("T5", "T6")) == (2, "T6")
    assert found.find("spine", ("lung",)) is None
    with pytest.raises(BadInput, match=r"labels.yaml: gives a structure 'spine'. Known: lung"):
        found.find("rücken", ("lung",))


def test_what_is_written_is_read_again(tmp_path):
    found = names(tmp_path, 'structures: {no: null}\nvalues: {1: L3}\ncolours: {"#00ff00": spine}\ninverted: [a.png]')
    (tmp_path / "out").mkdir()
    write_label_names(found, tmp_path / "out")
    again = read_label_names(tmp_path / "out")
    assert (again.structures, again.values, again.colours) == (found.structures, found.values, found.colours)
    assert again.inverted == ("a.png",)
    assert write_label_names(LabelNames(), tmp_path) is None
    write_label_names(LabelNames(inverted=False), tmp_path / "out")
    assert read_label_names(tmp_path / "out").inverted is False


@pytest.mark.parametrize(("key", "given"), [("structures", ["a: b", "R marker", "#1", "no"]), ("values", [1, 255])])
def test_the_line_of_a_remedy_is_valid_when_pasted(tmp_path, key, given):
    remedy = snippet(key, given, ("spine", "rib"))
    assert "one of: spine, rib" in remedy
    line = remedy.split("your data: ")[1].rsplit(" (null", 1)[0]
    assert set(yaml.safe_load(line)[key].values()) == {None}
    found = getattr(names(tmp_path, line), key)
    assert len(found) == len(given)
    assert np.all([meant is None for meant in found.values()])
