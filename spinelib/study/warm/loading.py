"""What is loaded: the modules that a notebook asks for, and who asks for which."""

from __future__ import annotations

import ast
import builtins
import importlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

OURS = "spinelib"
# The call by which a run begins: what a notebook loads later, if at all, it loads itself.
BEGINS = "begin("
# Who seems to import what a library in C does while it is loaded.
BY_LIBRARIES = "importlib._bootstrap"


def imported(notebook: Path) -> list[str]:
    """Names that a notebook imports until its run begins: modules, and what is in them; none if it is no notebook."""
    found: list[str] = []
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"]) if cell["cell_type"] == "code" else ""
            found += _imported_by(source)
            if BEGINS in source:
                break
    return found


def _imported_by(source: str) -> Iterator[str]:
    try:
        lines = ast.parse(source).body
    except SyntaxError:
        return
    for line in lines:
        if isinstance(line, ast.Import):
            yield from (each.name for each in line.names)
        elif isinstance(line, ast.ImportFrom) and line.module and not line.level:
            yield from (line.module, *(f"{line.module}.{each.name}" for each in line.names))


def load_those_of_ours(names: Iterable[str]) -> None:
    """Load those of the names that are modules of this library; what cannot be loaded is left for a step to find."""
    for name in dict.fromkeys(names):
        if name.partition(".")[0] == OURS:
            with suppress(Exception):
                importlib.import_module(name)


@contextmanager
def noting_imports() -> Iterator[dict[str, set[str]]]:
    """For the time of the block, note which module imports which names when it is loaded, by the importing module."""
    found: dict[str, set[str]] = defaultdict(set)
    usual = builtins.__import__

    def noting(name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> ModuleType:  # noqa: A002
        module = usual(name, globals, locals, fromlist, level)
        # With a list of names it gives the module named, else the first of its packages
        full = module.__name__ if fromlist or level else name
        importer = str((globals or {}).get("__name__"))
        # Else it is within a function, which whoever loads the module need not call, or within a library in C
        if locals is globals and importer != BY_LIBRARIES:
            found[importer] |= {full, *(f"{full}.{each}" for each in fromlist or ())}
        return module

    builtins.__import__ = noting
    try:
        yield found
    finally:
        builtins.__import__ = usual


def leads_to(names: Iterable[str], goal: str, imports: dict[str, set[str]]) -> bool:
    """Whether loading the names loads `goal`; imports: as noted while they were loaded."""
    waiting, seen = list(names), set()
    while waiting:
        name = waiting.pop()
        if name == goal:
            return True
        if name not in seen and name in sys.modules:
            seen.add(name)
            waiting += imports.get(name, ())
        # A package is loaded before its modules, and a module before what it holds.
        waiting += [package for package in (name.rpartition(".")[0],) if package and package not in seen]
    return False
