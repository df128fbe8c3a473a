"""`spinelib weights list`: the released networks, and whether their weights are here."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from spinelib.command.parser import new_command
from spinelib.core.command_line import OneLineParser

if TYPE_CHECKING:
    from spinelib.prediction.released import Released

TEXT = """The released networks have learned from the digital patient alone; `spinelib read` picks one for each file.

Each lies in a folder of its own: weights, their card for programs (model.json) and one for people (CARD.md), which says
what it learned from, what it cannot do and how it scores."""


def add_command(commands: Any) -> None:
    """Add `weights` with its one command to the commands."""
    parser = new_command(commands, "weights", "list the released networks", TEXT, "weights list")
    kinds = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=OneLineParser)
    listed = new_command(kinds, "list", "names, sizes, what they read, where they lie", TEXT, "weights list")
    listed.set_defaults(call=_list)


def _list(_given: argparse.Namespace) -> None:
    from spinelib.prediction.released import RELEASED

    for entry in RELEASED.values():
        print(f"{entry.name:8} {_size(entry):>10}  {entry.title}  ({entry.folder})")


def _size(entry: Released) -> str:
    from spinelib.core.layout import WEIGHTS

    return f"{(entry.folder / WEIGHTS).stat().st_size / 1e6:.1f} MB" if entry.there else "not here"
