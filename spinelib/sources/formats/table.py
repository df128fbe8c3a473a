"""cases.csv: one row per image, with its patient, view, labels, spacing and split."""

from __future__ import annotations

import os
from pathlib import Path

from spinelib.cases.manifest import SPLITS, VIEWS, Case, parse_spacing, read_table
from spinelib.core.errors import BadInput
from spinelib.sources.conversion import Conversion
from spinelib.sources.layouts import stem_of
from spinelib.sources.listing import Listing

COLUMNS = ("case", "patient", "view", "image", "mask", "landmarks", "spacing", "split", "note")
TABLE = "cases.csv"  # by which people list films of their own


def fits(listing: Listing) -> bool:
    """Whether the folder holds cases.csv."""
    return TABLE in listing.files


def cases(conversion: Conversion) -> list[Case]:
    """A case for every row. Raises BadInput for columns that are not known, and values that are not allowed."""
    path = conversion.listing.files[TABLE]
    conversion.listing.decide(path, "used", "table of the cases")
    rows = read_table(path)
    unknown = set(rows[0]) - set(COLUMNS) if rows else set()
    if not rows or "image" not in rows[0] or unknown:
        reason = (
            f"has unknown columns ({', '.join(sorted(unknown))})" if unknown else "has no rows or no column 'image'"
        )
        raise BadInput(path, reason, f"Use the columns {', '.join(COLUMNS)}.")
    found: list[Case] = []
    seen: dict[str, int] = {}
    for line, row in enumerate(rows, 2):
        case = _case(path, line, {name: value.strip() for name, value in row.items()})
        if case.case in seen:
            reason = f"case {case.case!r} is in rows {seen[case.case]} and {line}"
            raise BadInput(path, reason, "Give every image its own case id.")
        seen[case.case] = line
        found.append(case)
    return found


def _case(path: Path, line: int, row: dict[str, str]) -> Case:
    if not row["image"] or ("case" in row and not row["case"]):
        missing = "image" if not row["image"] else "case"
        raise BadInput(path, f"row {line} has no {missing}", f"Fill the column {missing!r} in every row.")
    view, split = row.get("view", ""), row.get("split", "")
    if view not in (*VIEWS, "") or split not in SPLITS:
        word = view if view not in (*VIEWS, "") else split
        raise BadInput(path, f"row {line} holds {word!r}", f"Views: {', '.join(VIEWS)}; split: train, test or nothing.")

    def absolute(name: str) -> str:
        return os.path.abspath(path.parent / row[name]) if row.get(name) else ""

    return Case(
        case=row.get("case") or stem_of(Path(row["image"]).name),
        patient=row.get("patient", ""),
        view=view,
        image=absolute("image"),
        mask=absolute("mask"),
        landmarks=absolute("landmarks"),
        spacing=parse_spacing(row.get("spacing", ""), path, line),
        split=split,
        note=row.get("note", ""),
    )
