"""``python -m spinelib.study prepare|pages STUDY.yaml``: steps of a study that the Snakefile calls, or none but you.

To bring a study up to date: ``spinelib study run``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from spinelib.core.command_line import OneLineParser
from spinelib.core.errors import BadInput


def main(words: list[str] | None = None) -> int:
    """Take one step; gives the exit status (2 for input that cannot be used, said in one line)."""
    given = _parser().parse_args(words)
    try:
        given.call(given)
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return 0


def _parser() -> OneLineParser:
    parser = OneLineParser(prog="python -m spinelib.study", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for name, call, words in (
        ("prepare", _prepare, "prepare one of its data"),
        ("pages", _pages, "write its tables and pages again"),
    ):
        command = commands.add_parser(name, help=words)
        command.set_defaults(call=call)
        command.add_argument("study", type=Path, help="a study's YAML file")
        command.add_argument("--data", default="", help="folder of your files, for $DATA in the study")
        command.add_argument("--scale", default="", help="one of the study's scales; default: full scale")
        if name == "prepare":
            command.add_argument("name", help="name of the data")
    return parser


def _prepare(given: argparse.Namespace) -> None:
    from spinelib.runs.data import prepare_once
    from spinelib.study.plan import read_study

    study = read_study(given.study, given.data, given.scale)
    prepare_once(study.files.data(given.name).root, study.data[given.name])


def _pages(given: argparse.Namespace) -> None:
    from spinelib.study.pages import pages, tables, write_facts
    from spinelib.study.plan import read_study

    study = read_study(given.study, given.data, given.scale)
    write_facts(study)
    tables(study)
    pages(study)


if __name__ == "__main__":
    sys.exit(main())
