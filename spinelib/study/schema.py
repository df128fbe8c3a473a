"""Study files: YAML read strictly, every mistake named with its file, its key and the closest valid word."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from spinelib.core.errors import BadInput, closest
from spinelib.core.written_yaml import load_yaml
from spinelib.runs.ranges import SEEDS

NAME = re.compile(r"[a-z0-9_]+")
STUDY = {
    "title": str,
    "question": str,
    "banner": str,
    "grid": list,
    "data": dict,
    "defaults": dict,
    "runs": list,
    "questions": list,
    "comparisons": list,
    "threads": int,
    "memory_mb": int,
    "minutes": int,
    "phantom_development": list,
    "scales": dict,
}
RUN = {
    "notebook": str,
    "method": str,
    "methods": list,
    "variant": str,
    "variants": list,
    "trained_on": str,
    "first": bool,
    "tested_on": list,
    "recipe": str,
    "width": (int, float),
    "compute": (int, float),
    "seeds": list,
    "fold": (int, list),
    "folds": (int, list),
    "scheme": str,
    "added": list,
    "pretrained": str,
    "tag": str,
    "parameters": dict,
}
COUNTED = ("threads", "memory_mb", "minutes")
QUESTION = {"notebook": str, "parameters": dict, "after": list}


class _Loader(yaml.SafeLoader):
    """PyYAML, but a key written twice is an error instead of silently winning."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Refuse a repeated key; raises yaml.YAMLError naming it and its line."""
        # `<<`: what a mapping takes over from another one, and may write anew.
        marks = [mark for mark, _ in node.value if mark.tag != "tag:yaml.org,2002:merge"]
        keys = [self.construct_object(mark, deep=True) for mark in marks]
        for i, (key, mark) in enumerate(zip(keys, marks, strict=True)):
            if key in keys[:i]:
                raise yaml.MarkedYAMLError(problem=f"key '{key}' is given twice", problem_mark=mark.start_mark)
        return super().construct_mapping(node, deep)


def load_study_file(file: Path) -> dict[str, Any]:
    """The mapping in a study file, its keys and their types checked; raises BadInput."""
    try:
        found = load_yaml(file.read_text(encoding="utf-8"), _Loader)
    except FileNotFoundError as error:
        near = closest(file.stem, (path.stem for path in file.parent.glob("*.yaml")))
        raise BadInput(file, "no such study", near) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput(file, f"is not readable YAML ({_one_line(error)})", "Correct that line.") from error
    if not isinstance(found, dict):
        raise BadInput(file, "is not a mapping of keys", "Begin it with 'title: ...'.")
    check_keys(found, STUDY, file, "the study", required=("title",))
    for key in COUNTED:
        if found.get(key, 1) < 1:
            raise BadInput(file, f"'{key}' in the study is {found[key]}", "Give 1 or more.")
    _check_entries(found, file)
    return found


def _check_entries(found: Mapping[str, Any], file: Path) -> None:
    """Raise BadInput for data, runs, questions and comparisons that are not of the right types."""
    for name, options in found.get("data", {}).items():
        check_name(name, file, "data")
        if not isinstance(options, dict) or not isinstance(options.get("dataset"), str):
            raise BadInput(file, f"data '{name}' names no dataset", "Add 'dataset: phantom', for example.")
        for key in ("source", "otherwise"):
            check_texts({key: [options.get(key, "")]}, key, file)
    usual = found.get("defaults", {})
    check_keys({key: usual[key] for key in usual.keys() & RUN.keys()}, RUN, file, "the defaults")
    check_texts(usual, "added", file)
    for number, entry in enumerate(found.get("runs", []), start=1):
        check_keys(entry, RUN, file, f"run {number}", required=("notebook", "trained_on"))
        for key in ("tested_on", "added"):
            check_texts(entry, key, file)
    for number, entry in enumerate(found.get("questions", []), start=1):
        if not isinstance(entry, str):
            check_keys(entry, QUESTION, file, f"question {number}", required=("notebook",))
            check_texts(entry, "after", file)
    for pair in found.get("comparisons", []):
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(side, str) for side in pair):
            raise BadInput(file, f"the comparison {pair!r} is not a pair", "Write [method/variant, method/variant].")


def _one_line(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return " ".join(str(error).split())


def check_keys(given: Any, known: Mapping[str, Any], file: Path, where: str, required: Iterable[str] = ()) -> None:
    """Raise BadInput unless `given` is a mapping with `known` keys of their types and all `required` ones."""
    if not isinstance(given, dict):
        raise BadInput(file, f"{where} is {given!r}, not a mapping", f"Keys: {', '.join(known)}.")
    for key, value in given.items():
        if key not in known:
            raise BadInput(file, f"unknown key '{key}' in {where}", closest(key, known))
        if not isinstance(value, known[key]) or (isinstance(value, bool) and known[key] is not bool):
            wanted = known[key] if isinstance(known[key], tuple) else (known[key],)
            reason = f"'{key}' in {where} is {value!r}"
            raise BadInput(file, reason, f"Give a {' or '.join(kind.__name__ for kind in wanted)}.")
    for key in required:
        if key not in given:
            raise BadInput(file, f"{where} has no '{key}'", f"Add '{key}: ...'.")


def check_name(name: Any, file: Path, where: str) -> str:
    """`name` if it can be part of a run's identity (small letters, digits, underscores); raises BadInput."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        remedy = "Use small letters, digits and underscores only."
        raise BadInput(file, f"{name!r} is no name for {where}", remedy)
    return name


def check_numbers(values: Any, file: Path, where: str) -> list[int]:
    """`values` if it is a non-empty list of whole numbers from 0 to below 2^32, none twice; raises BadInput."""
    good = isinstance(values, list) and values and all(type(value) is int and 0 <= value < SEEDS for value in values)
    if not good or len(set(values)) < len(values):
        remedy = f"Give a list of different whole numbers below {SEEDS}, as in [0, 1, 2]."
        raise BadInput(file, f"{where} is {values!r}", remedy)
    return list(values)


def check_texts(given: Mapping[str, Any], key: str, file: Path) -> list[str]:
    """The list of names under `key`, empty without one; raises BadInput for a name that YAML reads as a number."""
    for value in given.get(key, []):
        if not isinstance(value, str):
            raise BadInput(file, f"'{key}' holds {value!r}, which is no text", "Put names that are numbers in quotes.")
    return list(given.get(key, []))
