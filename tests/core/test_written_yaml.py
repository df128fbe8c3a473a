import pytest
import yaml

from spinelib.core import written_yaml
from spinelib.core.written_yaml import load_yaml

# Nine of nine of nine ...: 400 bytes that are 9^9 words.
BOMB = "a0: &a0 [lol]\n" + "".join(
    f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9)}]\n" for k in range(1, 10)
)  # fmt: skip
MERGED = "a0: &a0 {x: lol}\n" + "".join(
    f"a{k}: &a{k} {{<<: [{', '.join([f'*a{k - 1}'] * 9)}], y{k}: b}}\n" for k in range(1, 10)
)
LONG = f"a: &a {'x' * 1000}\nb: [{', '.join(['*a'] * 1001)}]\n"


def test_what_is_written_is_read_as_yaml_reads_it():
    text = "a: &a {x: [1, 2.5, true, null], 'y': no}\nb: {<<: *a, z: 2024-01-02}\nc: [*a, *a]\n"
    assert load_yaml(text) == yaml.safe_load(text)
    assert load_yaml(text.replace("2024-01-02", "no"), yaml.BaseLoader)["a"]["x"] == ["1", "2.5", "true", "null"]
    assert load_yaml("") is None


def test_a_long_text_without_repeated_parts_is_no_bomb(monkeypatch):
    monkeypatch.setattr(written_yaml, "MOST", 10)
    assert load_yaml(f"a: {'x' * 300}")["a"] == "x" * 300
    with pytest.raises(yaml.YAMLError, match="repeated parts"):
        load_yaml(f"a: &a {'x' * 300}\nb: [*a, *a]")


@pytest.mark.parametrize("kind", [yaml.SafeLoader, yaml.BaseLoader])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BOMB, "repeated parts make too much"),
        (LONG, "repeated parts make too much"),
        (MERGED, "repeated parts make too much"),
        ("a: &a [1, *a]\n", "a part is repeated within itself"),
        ("&a {x: *a}\n", "a part is repeated within itself"),
        ("[" * 1_000, "nests lists or mappings too deeply"),
        ("{a: " * 1_000, "nests lists or mappings too deeply"),
        ("a: [", "expected the node content"),
        ("a: *nothing", "undefined alias"),
        ('a: {b: [x, "films\\0"]}', "a text holds a null character"),
        ('"a\\x00": 1', "a text holds a null character"),
    ],
)
def test_bombs_and_what_is_no_yaml_are_refused(kind, text, words):
    with pytest.raises(yaml.YAMLError, match=words):
        load_yaml(text, kind)


@pytest.mark.parametrize("value", ["2024-13-45", "9" * 5000, "!!int x", "!!float x", "!!bool x", "!!timestamp x"])
def test_values_that_are_not_what_they_say_are_refused(value):
    with pytest.raises(yaml.YAMLError, match="a value cannot be read"):
        load_yaml(f"a: {value}")
