"""labels.yaml: what the names, numbers and colours in somebody's own labels mean.

    structures: {Wirbel: spine, pelvis: null}   # names of outlines; null: not a structure
    values: {1: spine, 2: null}                 # numbers in masks and label maps; others are refused then
    colours: {"#ff0000": spine}                 # colours of painted masks; others are refused then
    ignore: [255]                               # numbers that count as background
    inverted: true                              # every mask is 0 inside; false: none is; or a list of files that are

Every key may be left out. A structure is one of the data set's; where that is the spine alone, a vertebra (`L3`) too.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from spinelib.cases.readers.spine_names import is_spine, level_of
from spinelib.cases.readers.text import read_text
from spinelib.core.errors import BadInput, closest
from spinelib.core.files import write_text
from spinelib.core.layout import LABEL_NAMES
from spinelib.core.written_yaml import load_yaml

KEYS = ("structures", "values", "colours", "ignore", "inverted")
NOTHING = ("", "null", "~")
LARGEST = 65535
Meaning = Mapping[Any, str | None]


@dataclass(frozen=True)
class LabelNames:
    """What labels.yaml says; the default says nothing.

    structures by normal name (`normal`), values by number and colours by "#rrggbb" are structures, None for what is not
    one. inverted: whether all masks are 0 inside, or the names of the files that are; None where it is not said.
    """

    structures: Mapping[str, str | None] = field(default_factory=dict)
    values: Mapping[int, str | None] = field(default_factory=dict)
    colours: Mapping[str, str | None] = field(default_factory=dict)
    ignore: tuple[int, ...] = ()
    inverted: bool | tuple[str, ...] | None = None
    file: str = LABEL_NAMES

    def find(self, name: str, classes: Sequence[str]) -> tuple[int, str | None] | None:
        """Label 1..K and level (T5, or None) of an outline called `name`; label 0: not a structure; None: unknown.

        labels.yaml comes first, then the classes themselves; where the spine is the only class, words for it and
        vertebrae. Raises BadInput where labels.yaml gives a structure that is none of `classes`.
        """
        key = normal(name)
        if key in self.structures:
            meant = self.structures[key]
            return (0, None) if meant is None else self.label(meant, classes)
        return _label(name, classes)

    def label(self, structure: str, classes: Sequence[str]) -> tuple[int, str | None]:
        """Label and level of a structure that labels.yaml gives. Raises BadInput where it is none of `classes`."""
        found = _label(structure, classes)
        if found is None:
            raise BadInput(self.file, f"gives a structure {structure!r}", closest(structure, classes))
        return found

    def turns(self, path: Path) -> bool | None:
        """Whether the mask in `path` is 0 inside; None where that is not said."""
        if isinstance(self.inverted, tuple):
            return path.name in self.inverted or path.stem in self.inverted
        return self.inverted


def read_label_names(folder: Path | str) -> LabelNames:
    """What `folder`/labels.yaml says; the default without that file.

    Raises BadInput for a file that is no YAML, an unknown or repeated key, and a value of another kind.
    """
    path = Path(folder) / LABEL_NAMES
    if not path.exists():
        return LabelNames()
    # The base loader keeps every scalar as text: a structure called `no` or `1e3` stays one.
    try:
        content = load_yaml(read_text(path, 1_000_000)[0], _Loader)
    except yaml.YAMLError as error:
        raise BadInput(
            path,
            f"is no valid YAML ({_where(error)})",
            f"Use the keys {', '.join(KEYS)}, as in: structures: {{pelvis: null}}.",
        ) from error
    if content in (None, ""):
        return LabelNames(file=str(path))
    if not isinstance(content, dict):
        raise BadInput(path, "is no list of keys", f"Use the keys {', '.join(KEYS)}.")
    for key in content:
        if key not in KEYS:
            raise BadInput(path, f"has an unknown key {key!r}", closest(str(key), KEYS))
    return LabelNames(
        structures=_normal_names(path, _mapping(path, content, "structures")),
        values={_number(path, key): name for key, name in _mapping(path, content, "values").items()},
        colours={_colour(path, key): name for key, name in _mapping(path, content, "colours").items()},
        ignore=tuple(_number(path, each) for each in _sequence(path, content, "ignore")),
        inverted=_inverted(path, content),
        file=str(path),
    )


def write_label_names(names: LabelNames, folder: Path | str) -> Path | None:
    """Write `folder`/labels.yaml for those who read the masks again; nothing where `names` says nothing."""
    content = {key: getattr(names, key) for key in KEYS}
    given = {key: value for key, value in content.items() if value is not None and value not in ({}, ())}
    if not given:
        return None
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in given.items()}
    path = Path(folder) / LABEL_NAMES
    write_text(path, yaml.safe_dump(plain, allow_unicode=True, sort_keys=False))
    return path


def snippet(key: str, names: Sequence[Any], classes: Sequence[str] = ("spine",)) -> str:
    """A remedy with the line of labels.yaml that the user completes with some of `classes`."""
    known = ", ".join(classes[:4]) + (", ..." if len(classes) > 4 else "")
    line = yaml.safe_dump(
        {key: dict.fromkeys(names)}, default_flow_style=True, allow_unicode=True, width=10**9, sort_keys=False
    )
    inner = line.strip()[1:-1]
    return f"Write {LABEL_NAMES} in the folder of your data: {inner} (null: no structure; otherwise one of: {known})."


def normal(name: str) -> str:
    """A name without what no one sees: composed, blanks single, lower case."""
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()


def _label(name: str, classes: Sequence[str]) -> tuple[int, str | None] | None:
    level = level_of(name)
    keys = [normal(each) for each in classes]
    for key in (normal(name), normal(level or name)):
        if key in keys:
            return keys.index(key) + 1, level
    if len(classes) == 1 and is_spine(classes[0]) and is_spine(name):
        return 1, level
    return None


class _Loader(yaml.BaseLoader):
    """YAML with texts, lists and mappings only, whose keys are given once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Refuse a repeated key; raises yaml.YAMLError naming it and its line."""
        seen: set[Any] = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if not isinstance(name, str) or name in seen:
                problem = f"key {name!r} is given twice" if isinstance(name, str) else "a key is no text"
                raise yaml.MarkedYAMLError(problem=problem, problem_mark=key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


def _where(error: BaseException) -> str:
    if not isinstance(error, yaml.MarkedYAMLError):
        return "it cannot be read"
    return f"line {error.problem_mark.line + 1}: {error.problem}" if error.problem_mark else str(error.problem)


def _mapping(path: Path, content: Mapping[str, Any], key: str) -> dict[str, str | None]:
    found = content.get(key) or {}
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise BadInput(path, f"{key} is no mapping to names", f"Write {key}: {{yours: structure, other: null}}.")
    return {name: None if value.strip() in NOTHING else value.strip() for name, value in found.items()}


def _normal_names(path: Path, names: Mapping[str, str | None]) -> dict[str, str | None]:
    out: dict[str, str | None] = {}
    for name, meant in names.items():
        if out.setdefault(normal(name), meant) != meant:
            raise BadInput(path, f"gives {name!r} two meanings", "Keep one of them; capitals do not count.")
    return out


def _sequence(path: Path, content: Mapping[str, Any], key: str) -> list[str]:
    found = content.get(key) or []
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise BadInput(path, f"{key} is no list", f"Write {key}: [255].")
    return found


def _number(path: Path, text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal()) or int(digits) > LARGEST:
        raise BadInput(path, f"names the value {text!r}", f"Use whole numbers to {LARGEST}.")
    return int(text)


def _colour(path: Path, text: str) -> str:
    colour = text.strip().lower()
    if len(colour) != 7 or colour[0] != "#" or not set(colour[1:]) <= set("0123456789abcdef"):
        raise BadInput(path, f"names the colour {text!r}", 'Write it as "#ff0000", in quotes.')
    return colour


def _inverted(path: Path, content: Mapping[str, Any]) -> bool | tuple[str, ...] | None:
    found = content.get("inverted")
    if isinstance(found, list):
        return tuple(_sequence(path, content, "inverted"))
    if found is None or (isinstance(found, str) and found.strip() in NOTHING):
        return None
    words = {"true": True, "yes": True, "false": False, "no": False}
    if not isinstance(found, str) or found.lower() not in words:
        raise BadInput(path, f"inverted is {found!r}", "Write true, false, or a list of files: [a.png, b.png].")
    return words[found.lower()]
