"""`spinelib new NAME FOLDER`: a study of your own films or volumes."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from spinelib.command.parser import new_command

TEXT = """Look at a folder of labelled films or volumes, say what is in it, and write a study of them.

Writes studies/NAME.yaml below the current folder, and never over a file: edit it as you like. It trains one network
from nothing and one from the released weights where there are some, and compares them.
Run it with: spinelib study run NAME --data FOLDER"""


def add_command(commands: Any) -> None:
    """Add `new` to the commands."""
    parser = new_command(commands, "new", "write a study of your own films", TEXT, "new mine corrected/films")
    parser.add_argument("name", metavar="NAME", help="name of the study: small letters, digits and underscores")
    parser.add_argument("folder", metavar="FOLDER", help="folder with films or volumes and their labels")
    parser.set_defaults(call=_new)


def _new(given: argparse.Namespace) -> None:
    from spinelib.study.folders import settle_path
    from spinelib.study.known import STUDIES
    from spinelib.study.new import write_study

    for line in write_study(given.name, Path(settle_path(given.folder)), STUDIES / f"{given.name}.yaml"):
        print(line)
