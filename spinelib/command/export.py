"""`spinelib export RESULTS --to KIND`: what was read, in a format that people correct in."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spinelib.command.parser import DONE, PARTLY, new_command
from spinelib.core.errors import BadInput, closest
from spinelib.core.layout import LEFT_OUT

EXPORTED = "export"
TEXT = """Write the results of `spinelib read` in a format that other programs take, to correct them there.

KIND is labelme (a polygon per vertebra), coco (polygons and key points), nnunet (raw folders) or dicomseg (DICOM
segmentations of DICOM films and volumes). Everything lands in RESULTS/export unless --into names another folder.
With --study nnU-Net gets that study's own split: its test cases apart, its folds in splits_final.json.
Corrected files are read back by a study: spinelib new mine FOLDER."""


def add_command(commands: Any) -> None:
    """Add `export` to the commands."""
    examples = (
        "export reports/read/films --to labelme",
        "export out --to coco --to nnunet --into corrections",
        "export out --to nnunet --study reports/mine",
    )
    parser = new_command(commands, "export", "write results in a format to correct them in", TEXT, *examples)
    parser.add_argument("results", metavar="RESULTS", type=Path, help="folder that `spinelib read` has written")
    words = "labelme, coco, nnunet or dicomseg; may be given several times"
    parser.add_argument("--to", metavar="KIND", action="append", required=True, help=words)
    parser.add_argument("--into", metavar="FOLDER", type=Path, help="default: RESULTS/export")
    parser.add_argument("--study", metavar="FOLDER", type=Path, help="reports/STUDY, of the same films: for nnunet")
    parser.set_defaults(call=_export)


def _export(given: argparse.Namespace) -> int:
    check_kinds(given.to)
    from spinelib.apply.export import export_results

    return say_exported(export_results(given.results, given.to, given.into or given.results / EXPORTED, given.study))


def say_exported(written: Sequence[Path]) -> int:
    """Print what `export_results` has written; gives PARTLY where something was left out, else DONE."""
    for path in written:
        print(f"left out, each with its reason: {path}" if path.name == LEFT_OUT else f"exported: {path}")
    return PARTLY if any(path.name == LEFT_OUT for path in written) else DONE


def check_kinds(kinds: Sequence[str]) -> None:
    """Raise BadInput for a kind of export that there is not, before anything is read or written."""
    if not kinds:
        return
    from spinelib.apply.export import EXPORTS

    for kind in kinds:
        if kind not in EXPORTS:
            raise BadInput(kind, "is no kind of export", closest(kind, EXPORTS))
