import math

import pytest

from spinelib.core.errors import BadInput, closest
from spinelib.runs.parameters import assigned, check_parameters, declared, read_parameters
from tests.tiny import PARAMETERS, write_notebook

CELL = """# parameters
epochs = 3  # how long
rate: float = 1
names: list[str] = []
grid = [256, 128]
mixed = [1, 0.5]
pairs: list[list[str]] = []
fast = False
"""


def test_kinds_defaults_and_comments_are_read():
    found = declared(CELL, "nb")
    assert {name: item.kind for name, item in found.items()} == {
        "epochs": "int",
        "rate": "float",
        "names": "list[str]",
        "grid": "list[int]",
        "mixed": "list[float]",
        "pairs": "list[list[str]]",
        "fast": "bool",
    }
    assert found["epochs"].comment == "how long"
    assert found["rate"].default == 1.0
    assert isinstance(found["rate"].default, float)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("x = None", "None"),
        ("x = (1, 2)", r"\(1, 2\)"),
        ("x = []", "annotate"),
        ("x = [1, 'a']", "mixes"),
        ("x: int | None = 1", r"int \| None"),
        ("x: dict = {}", "dict"),
        ("x: int = 'a'", "not of type int"),
        ("x = print(1)", "'x'"),
        ("print(1)", "print"),
        ("x = 2 * 3", "'x'"),
    ],
)
def test_anything_but_plain_values_is_refused(line, word):
    with pytest.raises(BadInput, match=word):
        declared(f"# parameters\n{line}\n", "nb")


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"epoch": 3}, "Did you mean 'epochs'"),
        ({"epochs": True}, "True is not of type int"),
        ({"epochs": 3.0}, "not of type int"),
        ({"epochs": "3"}, "declared as int"),
        ({"rate": "1e-3"}, "not of type float"),
        ({"fast": 1}, "not of type bool"),
        ({"names": "a"}, "not a list"),
        ({"names": ["a", 1]}, "not of type str"),
        ({"names": None}, "None is not a list"),
        ({"grid": [1, 2.5]}, "not of type int"),
        ({"pairs": [["a", "b"], "c"]}, "'c' is not a list"),
        ({"rate": math.inf}, r"'rate': inf is no finite number\. It is declared as float, by default 1\.0"),
        ({"rate": -math.inf}, "-inf is no finite number"),
        ({"rate": math.nan}, "nan is no finite number"),
        ({"rate": 10**400}, "a number too large"),
        ({"mixed": [0.5, math.inf]}, "inf is no finite number"),
        ({"epochs": math.inf}, "inf is not of type int"),
        ({"fast": math.nan}, "nan is not of type bool"),
        ({"rate": "1e-3"}, r"'1e-3' is not of type float but text \(as a number, YAML reads 0\.001\)"),
        ({"names": [math.nan]}, "nan is not of type str .if it is a name, write it in quotes"),
        ({"names": [7]}, "7 is not of type str .if it is a name, write it in quotes"),
        ({"names": ["a\0b"]}, "holds a null character"),
        ({"names": ["a\udcff"]}, "no UTF-8"),
        ({"names": {"a": 1}}, "not a list"),
        ({"rate": None}, "None is not of type float"),
    ],
)
def test_wrong_names_and_types_are_refused(given, word):
    with pytest.raises(BadInput, match=word):
        check_parameters(declared(CELL, "nb"), given, "nb")


def test_an_int_passes_for_a_float_and_becomes_one():
    checked = check_parameters(declared(CELL, "nb"), {"rate": 2, "mixed": [1, 2]}, "nb")
    assert checked == {"rate": 2.0, "mixed": [1.0, 2.0]}
    assert all(isinstance(value, float) for value in [checked["rate"], *checked["mixed"]])


def test_a_former_name_is_translated_and_said(capsys):
    known = declared("# parameters\naugmentation_strength: float = 1.0\n", "nb")
    assert check_parameters(known, {"moves": 0.5}, "nb") == {"augmentation_strength": 0.5}
    assert capsys.readouterr().out.count("'moves' is the former name of the parameter 'augmentation_strength'") == 1
    with pytest.raises(BadInput, match="both are given"):
        check_parameters(known, {"moves": 0.5, "augmentation_strength": 1.0}, "nb")
    own = declared("# parameters\nmoves: int = 1\n", "nb")
    assert check_parameters(own, {"moves": 3}, "nb") == {"moves": 3}


def test_a_former_name_is_unknown_where_the_parameter_is():
    with pytest.raises(BadInput, match="unknown parameter 'augmentation_strength'"):
        check_parameters(declared(CELL, "nb"), {"moves": 0.5}, "nb")


def test_injected_values_are_read_as_they_stand():
    cell = "# Parameters\nnames = []\nrate = -1e-05\nnothing = None\nodd = float('-inf')\nother = f(1)\n"
    assert assigned(cell) == {"names": [], "rate": -1e-05, "nothing": None, "odd": -math.inf, "other": "f(1)"}


def test_closest_lists_all_when_nothing_is_near():
    assert closest("zzz", ["dice", "iou"]) == "Known: dice, iou."


def test_a_notebook_that_is_missing_broken_or_without_the_cell(tmp_path):
    good = write_notebook(tmp_path / "10_train.ipynb", "# What?", PARAMETERS)
    assert read_parameters(good)["method"].default == "unet"
    with pytest.raises(BadInput, match="Did you mean '10_train'"):
        read_parameters(tmp_path / "10_trian.ipynb")
    bare = write_notebook(tmp_path / "bare.ipynb", "# What?", "x = 1")
    with pytest.raises(BadInput, match="no cell tagged 'parameters'"):
        read_parameters(bare)
    bare.write_text("{")
    with pytest.raises(BadInput, match="is not a notebook"):
        read_parameters(bare)
