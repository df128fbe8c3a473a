"""Tables in CSV files as rows of text, without pandas."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from spinelib.core.errors import BadInput


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
