"""Tests mirror the library: spinelib/ROOM/x.py is tested in tests/ROOM/test_x.py. What has no file is listed here."""

from pathlib import Path

import spinelib

PACKAGE, TESTS = Path(spinelib.__file__).parent, Path(__file__).parent
# Front doors and commands: they hold no logic of their own.
WITHOUT = ("__init__.py", "__main__.py")
# Modules that mean nothing alone and are tested through those that use them, each with the reason: none today.
THROUGH_OTHERS: dict[str, str] = {}


def untested():
    """Modules without a file of tests of their own, by their path within the library."""
    modules = (path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if path.name not in WITHOUT)
    return {each.as_posix() for each in modules if not (TESTS / each.with_name(f"test_{each.name}")).exists()}


def test_a_module_has_its_file_of_tests_or_is_listed():
    assert untested() <= set(THROUGH_OTHERS)


def test_nothing_is_listed_without_need():
    assert untested() >= set(THROUGH_OTHERS)
    assert all(THROUGH_OTHERS.values())
