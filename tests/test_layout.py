"""The rooms of the library stand in storeys: nothing imports upwards, nothing in a circle, nothing lies loose."""

import re
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

import spinelib

PACKAGE = Path(spinelib.__file__).parent
ORDER = list(spinelib.ROOMS)
MOST_ROOMS, MOST_FLOORS = 20, 11
# Modules beside the rooms: what `python -m spinelib` runs.
LOOSE = {"__init__", "__main__"}


@pytest.fixture(scope="module")
def imports():
    """Modules that each module imports, at the top or within a function, for types too."""
    graph = grimp.build_graph("spinelib", cache_dir=None)
    return {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}


def room(module):
    return next((part for part in module.split(".")[1:2] if part not in LOOSE), "")


@pytest.fixture(scope="module")
def doors(imports):
    """Rooms that each room imports from."""
    found = {name: set() for name in ORDER}
    for module, others in imports.items():
        for other in others:
            if room(module) and room(other) and room(module) != room(other):
                found[room(module)].add(room(other))
    return found


def test_every_folder_is_a_named_room_and_no_module_lies_beside_them():
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(ORDER)
    assert {path.name for path in PACKAGE.iterdir() if path.is_file()} == {f"{name}.py" for name in LOOSE}
    assert len(ORDER) <= MOST_ROOMS


def test_no_room_imports_upwards(imports):
    wrong = [
        f"{module} imports {other}"
        for module, others in imports.items()
        for other in others
        if room(module) and room(other) and ORDER.index(room(other)) > ORDER.index(room(module))
    ]
    assert not wrong


def test_an_import_upwards_would_be_seen(imports):
    assert "spinelib.core.errors" in imports["spinelib.cases.volume"]
    # Imports within functions and for types count as well.
    assert "spinelib.training" in imports["spinelib.protocol.training"]
    assert "spinelib.models.objective" in imports["spinelib.models.method"]


def test_no_file_imports_in_a_circle(imports):
    list(TopologicalSorter(imports).static_order())


def test_few_floors(doors):
    floors = {}
    for name in TopologicalSorter(doors).static_order():
        floors[name] = 1 + max((floors[other] for other in doors[name]), default=0)
    assert max(floors.values()) <= MOST_FLOORS, floors


def test_no_room_hands_on_what_another_room_made(imports):
    """A room's `__init__` names what lies in the room: who wants more goes there."""
    for module, others in imports.items():
        path = PACKAGE.parent.joinpath(*module.split("."))
        if path.is_dir() and room(module):
            assert {room(other) for other in others} <= {room(module), "core"}, module


def named_upwards():
    """Import paths ``module:name`` in strings that lead to a later room, as (module that holds it, room)."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        own = path.relative_to(PACKAGE).parts[0]
        for word in re.findall(r"\"spinelib\.(\w+)[\w.]*:\w+\"", path.read_text(encoding="utf-8")):
            if own in ORDER and ORDER.index(word) > ORDER.index(own):
                found.add((path.relative_to(PACKAGE).as_posix(), word))
    return found


def test_only_the_catalogue_of_methods_names_what_lies_above_it():
    """So that listing methods loads nothing; docs/architecture.md says why the exception is one."""
    catalogue = {(f"models/{name}.py", room) for name in ("catalogue", "method") for room in ORDER}
    assert named_upwards() <= catalogue
    assert ("models/catalogue.py", "spinefm") in named_upwards()
