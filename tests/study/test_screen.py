"""A terminal draws its last lines anew; a log keeps every line."""

import io
import os

import pytest

from spinelib.study.screen import Screen


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((20, 40)))
    return Screen(Terminal())


def test_a_log_keeps_every_line():
    screen = Screen(io.StringIO())
    screen.draw("a", "b" * 40)
    screen.keep("c")
    screen.draw("d")
    assert screen.out.getvalue() == "a\n" + "b" * 40 + "\nc\nd\n"


def test_a_terminal_draws_in_place_and_cuts_to_its_width(terminal):
    terminal.draw("a", "b" * 40)
    terminal.keep("c")
    terminal.draw("d")
    terminal.draw()
    terminal.draw("e")
    assert (
        terminal.out.getvalue() == "a\n" + "b" * 18 + "\u2026\n" + "\x1b[2A\x1b[Jc\n" + "d\n" + "\x1b[1A\x1b[J" + "e\n"
    )


def test_what_is_left_is_not_drawn_over(terminal):
    terminal.draw("a")
    terminal.leave()
    terminal.keep("b")
    assert terminal.out.getvalue() == "a\nb\n"


def test_a_terminal_without_a_cursor_is_a_log(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    assert not Screen(Terminal()).is_terminal
