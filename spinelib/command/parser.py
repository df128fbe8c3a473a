"""How commands take their words: help that teaches, and mistakes told in one line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

NAME = "spinelib"
DONE, PARTLY, INTERRUPTED = 0, 1, 130
STATUSES = """exit status:
  0  done
  1  done, but something could not be used or did not finish: what and why is printed
  2  nothing could be done with what was given: one line on stderr says why
  130  interrupted"""
Command = Callable[[argparse.Namespace], int | None]


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
