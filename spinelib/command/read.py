"""`spinelib read FILMS [OUT]`: outlines, Cobb angles, tables and a page of overlays by the released networks."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinelib.command.export import EXPORTED, check_kinds, say_exported
from spinelib.command.parser import DONE, PARTLY, new_command
from spinelib.core.errors import BadInput, safe_line

if TYPE_CHECKING:
    from spinelib.apply.loop import Applied

TEXT = """Outline every film or volume in a folder and read its Cobb angles.

FILMS is a folder (looked through with the folders in it) or one file: PNG, JPEG, TIFF, BMP, DICOM; NIfTI,
MetaImage, NRRD or folders of DICOM slices. Each goes to the released network that fits what it is.

OUT then holds
  overlays.html  a page to look through: open it in any browser
  results.csv    a row per file: status, angles, patient and date where the header has them
  corners.csv    the four corners of every vertebra
  masks/         in each file's own pixels or voxels
The same command again goes on where it stopped, and reads new files only."""
READ_HERE = Path("reports") / "read"
# Statuses of files that were read; others say in their row why not.
READ = ("ok", "doubtful")


def add_command(commands: Any) -> None:
    """Add `read` to the commands."""
    examples = ("read films", "read scans.nii.gz out --network mr", "read films --export labelme --export coco")
    parser = new_command(commands, "read", "outline films or volumes and read their angles", TEXT, *examples)
    parser.add_argument("films", metavar="FILMS", help="folder of films or volumes, or one of them")
    parser.add_argument("out", metavar="OUT", nargs="?", default="", help=f"default: {READ_HERE.as_posix()}/NAME")
    words = "auto, a released network (spinelib weights list), or the folder of a finished run; default: auto"
    parser.add_argument("--network", default="auto", help=words)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps; default: auto")
    words = "write the results in a format to correct them in, too (OUT/export); may be given several times"
    parser.add_argument("--export", metavar="KIND", action="append", default=[], help=words)
    words = "write a digest in place of the header's PatientID, and no accession number"
    parser.add_argument("--hash-patients", action="store_true", help=words)
    parser.set_defaults(call=_read)


def _read(given: argparse.Namespace) -> int:
    from spinelib.study.folders import settle_path

    if not given.films:
        raise BadInput("FILMS", "is empty", "Name a folder of films: make read FILMS=folder, or spinelib read folder.")
    source = Path(settle_path(given.films))
    out = Path(settle_path(given.out)) if given.out else READ_HERE / _name(source)
    check_kinds(given.export)
    from spinelib.apply.loop import PAGE
    from spinelib.apply.read import read_folder

    applied = read_folder(source, out, network=given.network, device=given.device, hash_patients=given.hash_patients)
    unread, exported = _say_each(applied), DONE
    if given.export:
        from spinelib.apply.export import export_results

        exported = say_exported(export_results(out, given.export, out / EXPORTED))
    print(f"{applied}. Open {out / PAGE}")
    return PARTLY if applied.failed or unread else exported


def _name(source: Path) -> str:
    whole = source.resolve()
    return (whole.name if whole.is_dir() else whole.stem) or "films"


def _say_each(applied: Applied) -> int:
    """Print a line per file; gives how many were not read."""
    rows = []
    for _, cells in applied.results.iterrows():
        rows.append({str(name): value for name, value in cells.dropna().items()})
    for row in rows:
        said = f"{row['file']}: {row['status']}, {_found(row) if row['status'] in READ else _why_not(row)}"
        print(f"  {safe_line(said)}")
    return sum(row["status"] not in READ for row in rows)


def _found(row: dict[str, Any]) -> str:
    """Which network read a file and why that one, the largest angle, how sure it is, why to doubt it, and remarks."""
    words = _by(row)
    words += f", largest Cobb angle {float(row['an1']):.1f} degrees" if row.get("an1", "") != "" else ""
    words += f", confidence {float(row['confidence']):.2f}" if row.get("confidence", "") != "" else ""
    return "; ".join([words, *(str(row[name]) for name in ("reason", "remark") if row.get(name))])


def _by(row: dict[str, Any]) -> str:
    chosen = row.get("chosen_by", "asked")
    return f"by {row.get('network')}" + (f" (chosen by its {chosen})" if chosen != "asked" else "")


def _why_not(row: dict[str, Any]) -> str:
    why = ". ".join(str(row[name]).rstrip(".") for name in ("reason", "remedy") if row.get(name))
    return f"{_by(row)}, {why}" if row.get("network") else why
