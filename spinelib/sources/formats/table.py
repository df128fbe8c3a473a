"""cases.csv: one row per image, with its patient, view, labels, spacing and split. A bad row costs its own film."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from spinelib.cases.manifest import SPLITS, VIEWS, Case, parse_spacing
from spinelib.cases.readers.tables import TableRow, read_user_table
from spinelib.core.errors import BadInput, closest
from spinelib.sources.conversion import Conversion
from spinelib.sources.layouts import stem_of
from spinelib.sources.listing import Listing

COLUMNS = ("case", "patient", "view", "image", "mask", "landmarks", "spacing", "split", "note")
TABLE = "cases.csv"  # by which people list films of their own
DECIMAL_COMMA = re.compile(r"\d*,\d+")
OWN_ID = "Give every image its own case id."


def fits(listing: Listing) -> bool:
    """Whether the folder holds cases.csv."""
    return TABLE in listing.files


def cases(conversion: Conversion) -> list[Case]:
    """A case for every row that can be used; the others become problems. Raises BadInput for unknown columns."""
    path = conversion.listing.files[TABLE]
    conversion.listing.decide(path, "used", "table of the cases")
    table = read_user_table(path, ("image",), COLUMNS)
    places = {unicodedata.normalize("NFC", name): place for name, place in conversion.listing.files.items()}
    found: dict[str, Case] = {}
    lines: dict[str, int] = {}
    for row in (*table.rows, *table.bad):
        name = row.values.get("case") or stem_of(Path(row.values.get("image", "")).name)
        try:
            if row.fault:
                raise BadInput(path, f"row {row.line} {row.fault}", "Put fields that hold a comma in double quotes.")
            if name in lines:
                # Nobody knows which of the two is meant.
                found.pop(name, None)
                raise BadInput(path, f"case {name!r} is in rows {lines[name]} and {row.line}", OWN_ID)
            lines[name] = row.line
            found[name] = _case(path, row, name, places)
        except BadInput as error:
            conversion.exclude(name, error.file, error.reason, error.remedy)
    return list(found.values())


def _case(path: Path, row: TableRow, name: str, places: Mapping[str, Path]) -> Case:
    """The case of a row; `places` are the files below the table by their names. Raises BadInput."""
    values = row.values
    if not values["image"] or ("case" in values and not values["case"]):
        missing = "case" if values["image"] else "image"
        raise BadInput(path, f"row {row.line} has no {missing}", f"Fill the column {missing!r} in every row.")
    view, split = values.get("view", ""), values.get("split", "")
    for word, allowed in ((view, (*VIEWS, "")), (split, SPLITS)):
        if word not in allowed:
            raise BadInput(path, f"row {row.line} holds {word!r}", closest(word, filter(None, allowed)))

    def absolute(column: str) -> str:
        text = values.get(column, "")
        # As Windows writes paths, and letters as another system composes them.
        alike = unicodedata.normalize("NFC", text.replace("\\", "/")).removeprefix("./")
        place = path.parent / text
        return os.path.abspath(places.get(alike, place) if text and not place.exists() else place) if text else ""

    return Case(
        case=name,
        patient=values.get("patient", ""),
        view=view,
        image=absolute("image"),
        mask=absolute("mask"),
        landmarks=absolute("landmarks"),
        spacing=parse_spacing(_points(values.get("spacing", "")), path, row.line),
        split=split,
        note=values.get("note", ""),
    )


def _points(spacing: str) -> str:
    """A spacing with points for the decimal commas of "0,14;0,28" and "0,14"."""
    parts = spacing.split(";")
    return ";".join(part.replace(",", ".") if DECIMAL_COMMA.fullmatch(part.strip()) else part for part in parts)
