"""Help teaches, and a mistake is one line."""

import pytest

from spinelib.command.parser import new_command
from spinelib.core.command_line import OneLineParser


@pytest.fixture
def parser():
    made = OneLineParser(prog="spinelib")
    commands = made.add_subparsers(required=True)
    new_command(commands, "look", "its line", "What it does.\n  Lines stay.", "look here").add_argument("place")
    return made


def test_help_keeps_its_lines_and_ends_with_examples_and_statuses(parser, capsys):
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(["look", "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "What it does.\n  Lines stay." in said
    assert "examples:\n  spinelib look here\n" in said
    assert "  2  nothing could be done" in said


@pytest.mark.parametrize("words", [["look"], ["lock", "here"], ["look", "here", "--wrong"], ["look", "here", "there"]])
def test_a_mistake_is_one_line_and_status_2(parser, words, capsys):
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(words)
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    assert "--help" in said.err
    assert not said.out
