"""Strict parameters: read from the cell that declares them, checked by name and type before anything runs.

papermill only warns about a misspelt name (and then runs the default) and keeps no default in its records; a
study cannot afford either. Allowed are plain values that JSON keeps: bool, int, float, str and lists of them.
"""

from __future__ import annotations

import ast
import io
import json
import sys
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from spinelib.core.errors import BadInput, closest
from spinelib.core.names import FORMER
from spinelib.runs.ranges import check_range

ODD = ("nan", "inf", "-inf")
LARGEST = sys.float_info.max
SCALARS = {"bool": bool, "int": int, "float": float, "str": str}
FIRST_LINE = "# parameters"


@dataclass(frozen=True)
class Parameter:
    """One declared parameter: `kind` is ``bool``, ``int``, ``float``, ``str`` or ``list[...]`` of these."""

    name: str
    default: Any
    kind: str
    comment: str = ""


def kind_of(value: Any) -> str:
    """The kind of a plain value; raises ValueError for None, tuples, empty lists and anything else."""
    if type(value) in SCALARS.values():
        return type(value).__name__
    if isinstance(value, list) and value:
        kinds = sorted({kind_of(item) for item in value})
        kinds = ["float"] if kinds == ["float", "int"] else kinds
        if len(kinds) == 1:
            return f"list[{kinds[0]}]"
        raise ValueError(f"a list that mixes {' and '.join(kinds)}")
    if value == []:
        raise ValueError("an empty list of unknown kind; annotate it, as in 'names: list[str] = []'")
    raise ValueError(f"{value!r}, which is not a bool, int, float, str or list of these")


def conform(value: Any, kind: str) -> Any:
    """`value` as `kind` (an int becomes a float where one is wanted); raises ValueError otherwise.

    Floats are finite: neither the records (JSON) nor anything computed from them knows other ones.
    """
    if kind.startswith("list["):
        if not isinstance(value, list):
            raise ValueError(f"{value!r} is not a {kind}")
        return [conform(item, kind[5:-1]) for item in value]
    if kind == "float" and type(value) is int and abs(value) <= LARGEST:
        value = float(value)
    if kind == "float" and type(value) in (int, float) and not abs(value) <= LARGEST:
        raise ValueError(f"{value} is no finite number" if type(value) is float else "a number too large")
    if type(value) is not SCALARS[kind]:
        raise ValueError(f"{value!r} is not of type {kind}{_hint(value, kind)}")
    if isinstance(value, str) and not _plain(value):
        raise ValueError(f"{value!r} holds a null character, or bytes that are no UTF-8")
    return value


def _hint(value: Any, kind: str) -> str:
    """What may have been meant: YAML takes 1e-3 for text, and the command line 007 for a number."""
    if kind == "str" and isinstance(value, (bool, int, float)):
        return " (if it is a name, write it in quotes, or with papermill's -r instead of -p)"
    try:
        return f" but text (as a number, YAML reads {float(value)!r})" if kind in ("int", "float") else ""
    except (TypeError, ValueError):
        return ""


def _plain(text: str) -> bool:
    """Whether a notebook can hold `text`."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def declared(source: str, file: str | Path) -> dict[str, Parameter]:
    """The parameters that a cell declares, in order; raises BadInput for anything but plain typed values."""
    comments = _comments(source)
    found: dict[str, Parameter] = {}
    for node in ast.parse(source).body:
        target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
        target = node.target if isinstance(node, ast.AnnAssign) else target
        if not isinstance(target, ast.Name) or node.value is None:  # type: ignore[attr-defined]
            reason = f"the parameters cell holds '{ast.unparse(node)}'"
            raise BadInput(file, reason, "Keep only lines like 'name = value' or 'name: type = value' in it.")
        try:
            default = ast.literal_eval(node.value)  # type: ignore[attr-defined]
            annotation = node.annotation if isinstance(node, ast.AnnAssign) else None
            kind = kind_of(default) if annotation is None else _annotated(annotation)
            value = conform(default, kind)
        except ValueError as error:
            remedy = "Parameters are plain values: bool, int, float, str or lists of them."
            raise BadInput(file, f"parameter '{target.id}' is declared with {error}", remedy) from error
        found[target.id] = Parameter(target.id, value, kind, comments.get(node.end_lineno or 0, ""))
    return found


def assigned(source: str) -> dict[str, Any]:
    """Names and values that a cell injected by papermill sets, of whatever type."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            try:
                found[node.targets[0].id] = ast.literal_eval(node.value)
            except ValueError:
                written = ast.unparse(node.value)
                # papermill's way to write what has no literal
                found[node.targets[0].id] = {f"float('{n}')": float(n) for n in ODD}.get(written, written)
    return found


def _annotated(annotation: ast.expr) -> str:
    kind = ast.unparse(annotation)
    inner = kind
    while inner.startswith("list[") and inner.endswith("]"):
        inner = inner[5:-1]
    if inner not in SCALARS:
        raise ValueError(f"the type '{kind}'")
    return kind


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {t.start[0]: t.string.lstrip("# ") for t in tokens if t.type == tokenize.COMMENT and t.start[1] > 0}


def translate(known: Mapping[str, Parameter], given: Mapping[str, Any], file: str | Path) -> dict[str, Any]:
    """`given` with former names of declared parameters replaced by today's, with a line printed once for each.

    Raises BadInput when a parameter is given under both names.
    """
    translated = {}
    for name, value in given.items():
        today = name if name in known else FORMER.get(name, name)
        if today != name and today in given:
            raise BadInput(file, f"'{name}' is the former name of '{today}', and both are given", f"Remove '{name}'.")
        if today != name:
            _say(f"{file}: '{name}' is the former name of the parameter '{today}'; it is read as that.")
        translated[today] = value
    return translated


@cache
def _say(line: str) -> None:
    print(line)


def check_parameters(known: Mapping[str, Parameter], given: Mapping[str, Any], file: str | Path) -> dict[str, Any]:
    """`given` in the declared types, under today's names.

    Raises BadInput naming an undeclared name, a wrong type or a number out of range (`spinelib.runs.ranges`).
    """
    checked = {}
    for name, value in translate(known, given, file).items():
        if name not in known:
            raise BadInput(file, f"unknown parameter '{name}'", closest(name, known))
        try:
            checked[name] = conform(value, known[name].kind)
            # What a notebook itself declares is right, and a test holds it: nothing is loaded to look it up.
            if checked[name] != known[name].default:
                check_range(name, checked[name])
        except ValueError as error:
            remedy = f"It is declared as {known[name].kind}, by default {known[name].default!r}."
            raise BadInput(file, f"parameter '{name}': {error}", remedy) from error
    return checked


def read_parameters(notebook: Path | str) -> dict[str, Parameter]:
    """The parameters of a notebook file; raises BadInput when it is missing, broken or has no such cell."""
    try:
        cells = json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"]
    except FileNotFoundError as error:
        near = closest(Path(notebook).stem, [p.stem for p in Path(notebook).parent.glob("*.ipynb")])
        raise BadInput(notebook, "no such notebook", near) from error
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(notebook, f"is not a notebook ({error})", "Restore it, e.g. with 'git checkout'.") from error
    for cell in cells:
        if "parameters" in cell.get("metadata", {}).get("tags", []):
            return declared("".join(cell["source"]), notebook)
    remedy = f"Tag one cell 'parameters' and begin it with '{FIRST_LINE}'."
    raise BadInput(notebook, "has no cell tagged 'parameters'", remedy)
