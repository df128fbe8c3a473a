"""Tests mirror the library: spinelib/ROOM/x.py is tested in tests/ROOM/test_x.py. What has no file of its own is listed."""

from pathlib import Path

import spinelib

PACKAGE, TESTS = Path(spinelib.__file__).parent, Path(__file__).parent
# Front doors and commands: they hold no logic of their own.
WITHOUT = ("__init__.py", "__main__.py")
# Tested through the modules that use them, as they mean nothing alone. Shorten this list; a new module is not added to it.
THROUGH_OTHERS = frozenset([])


def counterpart(module):
    """Where the tests of a module lie, both relative to the library and to the folder of tests."""
    return module.with_name(f"test_{module.name}")


def untested():
    modules = (path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if path.name not in WITHOUT)
    return {module.as_posix() for module in modules if not (TESTS / counterpart(module)).exists()}


def test_a_module_has_its_file_of_tests_or_is_listed():
    assert untested() <= THROUGH_OTHERS


def test_nothing_is_listed_without_need():
    assert untested() >= THROUGH_OTHERS


def test_most_modules_have_their_own():
    modules = [path for path in PACKAGE.rglob("*.py") if path.name not in WITHOUT]
    assert len(THROUGH_OTHERS) < len(modules) / 5
