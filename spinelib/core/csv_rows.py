"""Tables in CSV files as rows of text, without pandas; and texts in them that a spreadsheet would run as a formula.

(C, our choice) A text that begins as formulas do, and is no number, is written with an apostrophe before it, as people
type such texts into spreadsheets; who reads such a table takes it off again.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import TypeVar

from spinelib.core.errors import BadInput

FORMULA = re.compile(r"'*[=+\-@\t\r]")
MARK = "'"
Value = TypeVar("Value")


def guarded(value: Value) -> Value | str:
    """A field of a table as it is written: a text that a spreadsheet would run is marked as text."""
    return f"{MARK}{value}" if isinstance(value, str) and FORMULA.match(value) and not _is_number(value) else value


def unguarded(text: str) -> str:
    """The text of a field that `guarded` wrote."""
    return text[1:] if text.startswith(MARK) and FORMULA.match(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def read_table(path: Path) -> list[dict[str, str]]:
    """Rows of a UTF-8 CSV with a header, every field as text. Raises BadInput."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read as UTF-8 text ({error})"
        raise BadInput(path, reason, "Give the path of a CSV file saved as UTF-8.") from error
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
    except csv.Error as error:
        # Of megabytes in one field, or a quote that is never closed before them
        raise BadInput(path, f"cannot be read as a table ({error})", "Write it anew as CSV in UTF-8.") from error
    for line, row in enumerate(rows, 2):
        if None in row or None in row.values():
            reason = f"row {line} has more or fewer fields than the header"
            raise BadInput(path, reason, "Put fields that hold a comma in double quotes.")
    return rows
