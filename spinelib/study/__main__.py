"""``python -m spinelib.study run|prepare|pages|show STUDY``: what `make study` and the Snakefile call."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from spinelib.core.errors import BadInput


def main(words: list[str] | None = None) -> int:
    """Run one command; gives the exit status (2 for input that cannot be used, said in one line)."""
    # argparse before Python 3.13 loses what stands behind -- once a command has taken its words
    words = list(sys.argv[1:] if words is None else words)
    end = words.index("--") if "--" in words else len(words)
    given = _parser().parse_args(words[:end])
    given.more = words[end + 1 :]
    try:
        return int(given.call(given) or 0)
    except BadInput as error:
        print(f"error: {_printable(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130


def _printable(text: str) -> str:
    r"""`text` with what is not UTF-8 as ``\udcXX``."""
    return text.encode(errors="backslashreplace").decode()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m spinelib.study", description=__doc__, epilog="Words after -- go to Snakemake."
    )
    commands = parser.add_subparsers(required=True)
    for name, call, words in (
        ("run", _run, "bring a study up to date"),
        ("prepare", _prepare, "prepare one of its data"),
        ("pages", _pages, "write its tables and pages again"),
        ("show", _show, "print its leaderboards"),
    ):
        command = commands.add_parser(name, help=words)
        command.set_defaults(call=call)
        command.add_argument("study", type=_study, help="name of a study, or its YAML file")
        command.add_argument("--data", default="", help="folder of your files, for $DATA in the study")
        if name == "prepare":
            command.add_argument("name", help="name of the data")
        if name == "run":
            command.add_argument("--cores", type=int, default=os.cpu_count() or 1)
            command.add_argument("--profile", default="local", help="local, slurm or kubernetes")
    return parser


def _study(word: str) -> Path:
    return Path(word) if word.endswith(".yaml") else Path("studies") / f"{word}.yaml"


def _run(given: argparse.Namespace) -> int:
    from spinelib.study.driver import run_study

    return run_study(given.study, given.cores, given.data, given.profile, given.more)


def _prepare(given: argparse.Namespace) -> None:
    from spinelib.runs.data import prepare_once
    from spinelib.study.plan import read_study

    study = read_study(given.study, given.data)
    prepare_once(study.files.data(given.name).root, study.data[given.name])


def _pages(given: argparse.Namespace) -> None:
    from spinelib.study.driver import pages, tables, write_facts
    from spinelib.study.plan import read_study

    study = read_study(given.study, given.data)
    write_facts(study)
    tables(study)
    pages(study)


def _show(given: argparse.Namespace) -> None:
    from spinelib.questions.cobb.angle_tables import cobb_tables
    from spinelib.questions.compare.text import leaderboards
    from spinelib.study.jobs import REPORTS

    results = REPORTS / given.study.stem
    print(leaderboards(results))
    print(f"\n{cobb_tables(results)}")


if __name__ == "__main__":
    sys.exit(main())
