"""The page of promises: each names tests that there are, and no file of attacks is left out of it."""

import re

from tests.attacks.__main__ import PAGE, ROOT, promises


def test_every_promise_names_tests_that_there_are():
    found = promises()
    assert len(found) > 20
    for words, tests in found.items():
        assert tests, words
        for test in tests:
            file, _, name = test.partition("::")
            text = (ROOT / file).read_text(encoding="utf-8")
            # By its own name pytest takes a test of a class only with the class: such a file is named as a whole.
            assert re.search(rf"^def {name}\(" if name else r"^ *def test_", text, re.MULTILINE), test


def test_every_file_of_attacks_is_on_the_page():
    listed = {test.partition("::")[0] for tests in promises().values() for test in tests}
    attacks = (ROOT / "tests" / "attacks").glob("test_*.py")
    assert {path.relative_to(ROOT).as_posix() for path in attacks} <= listed


def test_every_line_of_its_tables_is_read():
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert len([line for line in lines if not line.startswith("| Promise")]) == len(promises())
