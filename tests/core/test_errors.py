"""The one error of bad input: one line that says file, reason and remedy, and the closest known word."""

import os
import pickle
from pathlib import Path

import pytest

from spinelib.core.errors import BadInput, closest, safe_line


def test_the_message_is_one_line_of_three_parts():
    error = BadInput(Path("films") / "a.png", "is empty (0 bytes).", "Copy it again.")
    assert str(error) == "films/a.png: is empty (0 bytes). Copy it again."
    assert (error.file, error.reason, error.remedy) == ("films/a.png", "is empty (0 bytes).", "Copy it again.")
    assert isinstance(error, ValueError)


def test_the_parts_cross_a_process_boundary():
    error = pickle.loads(pickle.dumps(BadInput("seed", "is no number", "Give one.")))
    assert (error.file, error.reason, error.remedy) == ("seed", "is no number", "Give one.")


@pytest.mark.parametrize(
    ("word", "known", "remedy"),
    [
        ("sed", ["seed", "fold"], "Did you mean 'seed'?"),
        ("zzz", ["seed", "fold"], "Known: fold, seed."),
        ("zzz", [], "Known: none."),
        ("2", [1, 22], "Did you mean '22'?"),
    ],
)
def test_a_remedy_names_the_closest_word_or_all_of_them(word, known, remedy):
    assert closest(word, known) == remedy


def test_names_that_are_no_utf8_can_be_printed():
    error = BadInput(os.fsdecode(b"a\xff\xc3\xa4.png"), "is \ud83d", "Rename it.")
    assert str(error) == r"a\xffä.png: is \ud83d. Rename it."
    str(error).encode("utf-8")


def test_control_characters_of_a_name_neither_break_the_line_nor_reach_the_terminal():
    error = BadInput("a\nb\x1b[2J\x9b.png", "holds 'c\rd\0'", "Rename\tit.")
    assert str(error) == r"a\x0ab\x1b[2J\x9b.png: holds 'c\x0dd\x00'. Rename\x09it."
    assert safe_line("ä ü \U0001f600") == "ä ü \U0001f600"
