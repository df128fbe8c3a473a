"""Which code decides the weights of a training: all that its network, its task and the loop import, no more.

A new method, data set or figure then leaves the finished trainings of the others as they are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from torch import nn

import spinelib
from spinelib.core import files

ROOT = Path(spinelib.__file__).parent.parent
# Rooms whose code decides weights; data are identified by their own digest, the registry by what it builds.
ROOMS = (
    "spinelib.models",
    "spinelib.prediction",
    "spinelib.training",
    "spinelib.core.devices",
    "spinelib.measures.cobb.rules",
    "spinelib.spinefm",
)
# What only names a network, counts or reports.
ASIDE = (
    *("spinelib.models", "spinelib.models.catalogue", "spinelib.models.registry", "spinelib.models.method"),
    "spinelib.spinefm",
    *(f"spinelib.training.{name}" for name in ("code", "identity", "progress", "history")),
)
LOOP = "spinelib.training.fitting"


def code_of(model: nn.Module, *parts: Any) -> str:
    """16 hex digits over the meaning of all modules that decide the weights of `model`.

    parts: functions and objects that decide beside it: the task, its objective, the criterion.
    """
    everything = [*model.modules(), *parts]
    modules = {kind.__module__ for part in everything for kind in type(part).__mro__}
    names = {LOOP, *modules, *(getattr(part, "__module__", "") for part in parts)}
    return _digest(tuple(sorted(name for name in names if _decides(name))))


@cache
def _digest(start: tuple[str, ...]) -> str:
    return files.digest(*(part for name in reached(start) for part in (name, _meaning(name))))


def reached(start: Iterable[str]) -> list[str]:
    """Names of the modules of ROOMS that the modules `start` import, directly or not, with themselves."""
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [other for other in _imports(name) if _decides(other) and other not in found]
    return sorted(found)


def _decides(name: str) -> bool:
    return name not in ASIDE and any(name == room or name.startswith(f"{room}.") for room in ROOMS)


def _file(name: str) -> Path | None:
    stem = ROOT.joinpath(*name.split("."))
    return next((path for path in (stem.with_suffix(".py"), stem / "__init__.py") if path.is_file()), None)


@cache
def _imports(name: str) -> list[str]:
    """Modules that a module imports; of ``from package import name`` both, where the name is a module."""
    path = _file(name)
    tree = ast.parse(path.read_text(encoding="utf-8")) if path else ast.Module([], [])
    return [found for node in ast.walk(tree) for found in _named(node) if _file(found)]


def _named(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def _meaning(name: str) -> str:
    path = _file(name)
    return meaning(path.read_text(encoding="utf-8")) if path else ""


def meaning(source: str) -> str:
    """Python code without comments, docstrings and layout, so that a change of wording restarts no training."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            del node.body[0]
    return ast.dump(tree)
