"""`spinelib study run|show|pack|merge|list`: bring a study up to date, print its boards, send, bring in runs, list."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from spinelib.command.parser import DONE, PARTLY, new_command
from spinelib.core.command_line import OneLineParser
from spinelib.core.errors import BadInput

TEXT = """A study is one YAML file: data, methods, seeds, budget, questions. NAME is studies/NAME.yaml of the current
folder, else one that comes with the project; a path that ends in .yaml is taken as it is.

Everything is written below the current folder, in reports/NAME: open reports/NAME/index.html. Stop it at any time; the
same command goes on, and what has finished stays."""


def add_command(commands: Any) -> None:
    """Add `study` with its four commands to the commands."""
    parser = new_command(
        commands, "study", "compare methods: run, show, pack, merge or list studies", TEXT, "study run quick"
    )
    kinds = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=OneLineParser)
    _add_run(kinds)
    examples = ("study show quick", "study show r2mf_paper --scale small")
    text = "Print what a study costs when all of it runs, and the leaderboards of what has finished."
    shown = new_command(kinds, "show", "print the cost and the leaderboards of a study", text, *examples)
    shown.add_argument("study", metavar="NAME", help="name of a study, or its YAML file")
    _add_choices(shown)
    shown.set_defaults(call=_show)
    _add_pack(kinds)
    _add_merge(kinds)
    text = "List the studies of the current folder and those of the project, with their titles."
    new_command(kinds, "list", "list the studies that there are", text, "study list").set_defaults(call=_list)


def _add_run(kinds: Any) -> None:
    text = f"Bring a study up to date: its data, runs, tables, questions and pages.\n\n{TEXT}"
    examples = (
        "study run quick",
        "study run aasce --data films/aasce --cores 8",
        "study run r2mf_paper --scale small",
        "study run mdwc_paper --profile slurm",
        "study run quick -- --dry-run  # words behind -- go to Snakemake",
    )
    parser = new_command(kinds, "run", "bring a study up to date", text, *examples)
    parser.add_argument("study", metavar="NAME", help="name of a study, or its YAML file")
    _add_choices(parser)
    parser.add_argument("--cores", metavar="N", type=int, default=os.cpu_count() or 1, help="default: all of them")
    parser.add_argument("--profile", default="local", help="local, slurm or kubernetes; default: local")
    parser.set_defaults(call=_run)


def _add_pack(kinds: Any) -> None:
    text = """Write the finished runs of a study to one small zip file, for 'merge' on another machine or later.

It holds tables, histories, records and predicted masks, with the names of the films; neither weights nor pictures, so
that there the questions that ask the networks themselves (robustness, confidence) leave these runs out."""
    parser = new_command(
        kinds, "pack", "write finished runs to one small file", text, "study pack reports/aasce aasce.zip"
    )
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="of the study: reports/STUDY")
    parser.add_argument("target", metavar="FILE", type=Path, help="a zip file; one of an earlier call is replaced")
    parser.set_defaults(call=_pack)


def _add_merge(kinds: Any) -> None:
    text = """Bring the finished runs of the same study from another machine's folder into this one.

Both folders must agree on comparisons, test sets, recipes and data: what differs is named, and nothing is copied.
Start the study here first, so that its data are prepared. Runs that have finished here stay as they are. Given again,
the same command goes on where it was stopped. Then run the study: it makes what is still missing and asks its questions
of all runs."""
    example = "study merge reports/aasce /media/disk/reports/aasce"
    parser = new_command(kinds, "merge", "bring in finished runs from another machine", text, example)
    parser.add_argument("folder", metavar="FOLDER", type=Path, help="of the study here: reports/STUDY")
    parser.add_argument(
        "other", metavar="OTHER", type=Path, help="of the same study, copied from another machine, or a file of 'pack'"
    )
    parser.set_defaults(call=_merge)


def _add_choices(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", metavar="FOLDER", default="", help="folder of your files, for $DATA in the study")
    parser.add_argument("--scale", default="", help="a smaller scale that the study's file has; default: full scale")


def _run(given: argparse.Namespace) -> int:
    from spinelib.study.driver import run_study
    from spinelib.study.known import find_study

    if given.cores < 1:
        raise BadInput("--cores", f"is {given.cores}", "Give 1 or more.")
    return run_study(find_study(given.study), given.cores, given.data, given.profile, given.more, given.scale)


def _show(given: argparse.Namespace) -> None:
    from spinelib.core.layout import StudyFolder
    from spinelib.questions.cobb.angle_tables import cobb_tables
    from spinelib.questions.compare.text import leaderboards
    from spinelib.study.jobs import REPORTS
    from spinelib.study.known import find_study
    from spinelib.study.plan import scaled_name

    file = find_study(given.study)
    results = REPORTS / scaled_name(file, given.scale)
    there = StudyFolder(results).cases.exists()
    try:
        _show_costs(file, given)
    except BadInput as error:
        # What has finished can be looked at without the data that it came from.
        if not there:
            raise
        print(f"cost not counted: {error.reason}")
    if there:
        print(f"\n{leaderboards(results)}\n\n{cobb_tables(results)}")


def _pack(given: argparse.Namespace) -> int:
    from spinelib.study.pack import pack_study

    said = pack_study(given.folder, given.target)
    print(*said, sep="\n")
    return PARTLY if len(said) > 1 else DONE


def _merge(given: argparse.Namespace) -> int:
    from spinelib.study.merge import merge_study

    merged = merge_study(given.folder, given.other)
    for line in (*merged.said, *merged.left):
        print(line)
    return PARTLY if merged.left else DONE


def _show_costs(file: Path, given: argparse.Namespace) -> None:
    from spinelib.study.folders import settle_path
    from spinelib.study.forecast import forecast
    from spinelib.study.plan import read_study

    study = read_study(file, settle_path(given.data), given.scale)
    for line in (f"{study.title}: {len(study.questions)} questions", *forecast(study)):
        print(line)


def _list(_given: argparse.Namespace) -> None:
    from spinelib.core.layout import StudyFolder
    from spinelib.study.jobs import REPORTS
    from spinelib.study.known import known_studies

    for name, file in known_studies().items():
        index = StudyFolder(REPORTS / name).index
        print(f"{name:12} {_title(file)}" + (f"  ({index})" if index.exists() else ""))


def _title(file: Path) -> str:
    from spinelib.study.schema import load_study_file

    try:
        return str(load_study_file(file)["title"])
    except BadInput as error:
        return f"not usable: {error.reason}"
