"""How commands take their words: help that teaches, and mistakes told in one line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any, NoReturn

NAME = "spinelib"
DONE, PARTLY, UNUSABLE, INTERRUPTED = 0, 1, 2, 130
STATUSES = """exit status:
  0  done
  1  done, but something could not be used or did not finish: what and why is printed
  2  nothing could be done with what was given: one line on stderr says why
  130  interrupted"""
Command = Callable[[argparse.Namespace], int | None]


class OneLineParser(argparse.ArgumentParser):
    """A parser that keeps the lines of its help as they are written, and tells a mistake in one line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False, **options})

    def error(self, message: str) -> NoReturn:
        """Print what is wrong with the words given and where help is; ends with status 2."""
        print(f"error: {message}. Help: {self.prog} --help", file=sys.stderr)
        sys.exit(UNUSABLE)


def new_command(commands: Any, name: str, summary: str, text: str, *examples: str) -> argparse.ArgumentParser:
    """Add the command `name` to `commands` (argparse's sub-parsers) and give its parser.

    summary: its line in the list of commands; text: what it does and what is written where; examples: whole lines to
    type, each followed by what it does, in the form ``words  # meaning``.
    """
    shown = "\n".join(f"  {NAME} {example}" for example in examples)
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=text, epilog=f"examples:\n{shown}\n\n{STATUSES}"
    )
    return parser
