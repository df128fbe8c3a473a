"""Tests mirror the library: spinelib/ROOM/x.py is tested in tests/ROOM/test_x.py. What has no file is listed here."""

from pathlib import Path

import spinelib

PACKAGE, TESTS = Path(spinelib.__file__).parent, Path(__file__).parent
# Front doors and commands: they hold no logic of their own.
WITHOUT = ("__init__.py", "__main__.py")
# Modules that mean nothing alone and are tested through those that use them, each with the reason: none today.
THROUGH_OTHERS: dict[str, str] = {}
# Files of tests that hold something of several modules at once, or of a room's front door.
ACROSS = {
    "apply/desk/test_in_browser.py",
    "apply/gate/test_released.py",
    "cases/readers/test_encodings.py",
    "cases/readers/test_fuzz.py",
    "measures/test_toy_metric.py",
    "models/test_contract.py",
    "models/test_convolutions.py",
    "phantom/mr/test_realism.py",
    "prediction/test_same_maps.py",
    "protocol/test_options.py",
    "report/test_browser.py",
    "report/test_published_pages.py",
    "sources/test_folder_of_volumes.py",
    "sources/test_registry.py",
    "training/test_joint.py",
    "training/test_no_waiting.py",
    "training/test_volumes.py",
}


def untested():
    """Modules without a file of tests of their own, by their path within the library."""
    modules = (path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if path.name not in WITHOUT)
    return {each.as_posix() for each in modules if not (TESTS / each.with_name(f"test_{each.name}")).exists()}


def test_a_module_has_its_file_of_tests_or_is_listed():
    assert untested() <= set(THROUGH_OTHERS)


def test_nothing_is_listed_without_need():
    assert untested() >= set(THROUGH_OTHERS)
    assert all(THROUGH_OTHERS.values())


def test_a_file_of_tests_has_its_module_or_is_listed():
    rooms = [path.name for path in PACKAGE.iterdir() if path.is_dir()]
    files = (path.relative_to(TESTS) for room in rooms for path in (TESTS / room).rglob("test_*.py"))
    alone = {f.as_posix() for f in files if not (PACKAGE / f.with_name(f.name.removeprefix("test_"))).exists()}
    assert alone == ACROSS
