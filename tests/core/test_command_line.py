"""Every command line tells a mistake in one line, null characters in paths among them."""

import ast
import importlib
import sys
from pathlib import Path

import pytest

import spinelib
from spinelib.command import line
from spinelib.core.command_line import OneLineParser

PACKAGE = Path(spinelib.__file__).parent


def makers():
    """Modules of the library that make a parser of words."""
    for path in sorted(PACKAGE.rglob("*.py")):
        calls = (node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
        if {ast.unparse(call) for call in calls} & {"OneLineParser", "argparse.ArgumentParser", "ArgumentParser"}:
            yield ".".join(["spinelib", *path.relative_to(PACKAGE).with_suffix("").parts])


MAKERS = list(makers())
# Words with which a command begins that has several.
FIRST = {
    "spinelib.study.__main__": ["prepare"],
    "spinelib.study.kubernetes": ["status"],
    "spinelib.report.__main__": ["page"],
    "spinelib.command.line": ["read"],
}


@pytest.mark.parametrize("module", MAKERS)
def test_a_null_character_is_one_line_for_every_command(module, capsys, monkeypatch):
    words = [*FIRST.get(module, []), "fi\0lms"]
    main = importlib.import_module(module).main
    monkeypatch.setattr(sys, "argv", ["command", *words])
    with pytest.raises(SystemExit) as ended:
        main(words) if main.__code__.co_argcount else main()
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert said.err.startswith("error: 'fi\\x00lms' holds a null character")
    assert said.err.count("\n") == 1
    assert not said.out


def test_every_command_is_among_them():
    assert {"spinelib.command.line", "spinelib.study.__main__", "spinelib.report.publish.__main__"} <= set(MAKERS)


@pytest.mark.parametrize(
    "words",
    [
        ["read", "a\0b"],
        ["read", "films", "o\0ut"],
        ["read", "films", "--network", "\0"],
        ["read", "--", "a\0b"],
        ["export", "a\0b", "--to", "coco"],
        ["export", "out", "--to", "coco", "--into", "\0"],
        ["new", "mine", "a\0b"],
        ["study", "run", "\0"],
        ["study", "run", "quick", "--data", "a\0b"],
        ["study", "run", "quick", "--", "a\0b"],
        ["study", "show", "quick", "--data=a\0b"],
        ["study", "merge", "here", "the\0re"],
    ],
)
def test_it_is_seen_wherever_it_stands_in_a_command(words, capsys):
    with pytest.raises(SystemExit) as ended:
        line.main(words)
    assert ended.value.code == 2
    assert "null character" in capsys.readouterr().err


def test_a_mistake_is_one_line_with_help_and_status_2(capsys):
    parser = OneLineParser(prog="look")
    parser.add_argument("place")
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(["here", "--wrong"])
    assert ended.value.code == 2
    assert capsys.readouterr().err == "error: unrecognized arguments: --wrong. Help: look --help\n"
