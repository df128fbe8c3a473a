"""Tables that people write by hand or in a spreadsheet: any encoding, any separator, one bad row costs no other."""

from __future__ import annotations

import csv
import difflib
import io
import math
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from spinelib.cases.readers.text import read_text, say_encoding
from spinelib.core.csv_rows import unguarded
from spinelib.core.errors import BadInput

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
MAX_BYTES = 50_000_000
# Above this many names a search for the closest one takes longer than it is worth.
MANY = 2000


@dataclass(frozen=True)
class TableRow:
    """One row: its number in the spreadsheet (the header is usually row 1), and its fields, stripped, by column."""

    line: int
    values: dict[str, str]
    # Why a row does not fit the header; "" for a good one. Fields that it lacks are "" then.
    fault: str = ""


@dataclass(frozen=True)
class UserTable:
    """A table as read: `columns` in lower case, `rows` without the empty ones.

    `bad` are the rows that do not fit the header; `remark` says what was unusual about the file, "" for UTF-8 with
    commas.
    """

    path: Path
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    bad: tuple[TableRow, ...] = ()
    remark: str = ""
    separator: str = ","

    def number(self, text: str) -> float | None:
        """The finite number in a field, None for anything else; decimal commas where commas do not separate."""
        return _number(text, self.separator)


def read_user_table(path: Path, needed: Sequence[str], allowed: Sequence[str] | None = None) -> UserTable:
    """The rows of a CSV file with the columns `needed`, and no others than `allowed` (None: any).

    Fields are separated by commas, semicolons, tabs or bars (whichever the header holds most of); `read_text` lists the
    encodings. Raises BadInput for a missing file, one that is no text, and for missing, repeated or unknown columns.
    """
    remedy = f"Give a CSV file with the columns {', '.join(allowed or needed)}."
    text, encoding = _text(path, remedy)
    separator, text, skipped = _separator(text)
    header: list[str] = []
    rows: list[TableRow] = []
    for line, fields in _filled(_records(text, separator), 1 + skipped):
        if not header:
            header = _header(path, fields or [], needed, allowed, remedy)
        else:
            rows.append(_row(line, header, fields))
    if not header:
        raise BadInput(path, "holds no row", remedy)
    return _user_table(path, header, rows, encoding, separator)


def read_bare_table(path: Path, columns: Sequence[str]) -> UserTable:
    """The rows of a CSV file that has no header but `columns` in this order; a first row without a number is a header.

    Fields are separated by what parts the first row into as many, so that decimal commas do not count. Raises BadInput
    for a missing file and one that is no text.
    """
    text, encoding = _text(path, f"Give a CSV file with {len(columns)} columns.")
    separator, text, skipped = _separator(text, len(columns))
    rows = [_row(line, columns, fields) for line, fields in _filled(_records(text, separator), 1 + skipped)]
    if rows and all(_number(field, separator) is None for field in rows[0].values.values()):
        rows = rows[1:]
    return _user_table(path, columns, rows, encoding, separator)


def _user_table(
    path: Path, columns: Sequence[str], rows: Sequence[TableRow], encoding: str, separator: str
) -> UserTable:
    notes = [say_encoding(encoding), f"with fields separated by {SEPARATORS[separator]}" if separator != "," else ""]
    good, bad = (tuple(row for row in rows if bool(row.fault) == faulty) for faulty in (False, True))
    return UserTable(path, tuple(columns), good, bad, ", ".join(filter(None, notes)), separator)


def _filled(records: Iterable[list[str] | None], first: int) -> Iterator[tuple[int, list[str] | None]]:
    """The rows that hold anything, with their numbers."""
    for line, record in enumerate(records, first):
        fields = [field.strip() for field in record] if record is not None else None
        if fields is None or any(fields):
            yield line, fields


def _number(text: str, separator: str) -> float | None:
    if separator != "," and "." not in text:
        text = text.replace(",", ".", 1)
    return float(text) if NUMBER.fullmatch(text) and math.isfinite(float(text)) else None


def _row(line: int, header: Sequence[str], fields: list[str] | None) -> TableRow:
    blank = dict.fromkeys(header, "")
    if fields is None:
        return TableRow(line, blank, "has a double quote that is not closed")
    values = blank | dict(zip(header, map(unguarded, fields), strict=False))
    if len(fields) < len(header) or any(fields[len(header) :]):
        return TableRow(line, values, f"has {len(fields)} fields, the header {len(header)}")
    return TableRow(line, values)


def suggest(name: str, known: Collection[str]) -> str:
    """A remedy for a name that is none of `known`: the closest one, or the first few."""
    folded = {word.casefold(): word for word in known}
    bare = name.casefold()
    while bare and bare not in folded and "." in bare:
        bare = bare.rpartition(".")[0]
    if bare in folded:
        return f"Did you mean {folded[bare]!r}?"
    near = difflib.get_close_matches(name, known, 1, 0.5) if len(known) <= MANY else []
    if near:
        return f"Did you mean {near[0]!r}?"
    words = sorted(known)
    return f"Known: {', '.join(words[:6]) or 'none'}{', ...' if len(words) > 6 else ''}."


def _text(path: Path, remedy: str) -> tuple[str, str]:
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError:
        start = b""
    if start == b"PK\x03\x04":
        raise BadInput(path, "is a workbook or archive, not a CSV file", "Save the sheet as CSV (UTF-8).")
    try:
        return read_text(path, MAX_BYTES)
    except BadInput as error:
        raise BadInput(path, error.reason, remedy) from error


def _separator(text: str, fields: int = 0) -> tuple[str, str, int]:
    """The separator, the text without the line `sep=;` of spreadsheets, and how many lines that took away.

    It is what parts the first row into as many `fields`, commas last, or else what that row holds most of.
    """
    stated = re.match(r'"?sep=(.)"?\r?\n', text, re.IGNORECASE)
    if stated and stated[1] in SEPARATORS:
        return stated[1], text[stated.end() :], 1
    header = re.sub(r'"[^"]*"', "", text.lstrip().partition("\n")[0])
    fitting = [each for each in reversed(SEPARATORS) if header.count(each) == fields - 1 > 0]
    return fitting[0] if fitting else max(SEPARATORS, key=header.count), text, 0


def _records(text: str, separator: str) -> Iterator[list[str] | None]:
    """The fields of each row, None for one that cannot be read; a quote that is never closed costs its line alone."""
    lines = list(io.StringIO(text, newline=""))
    try:
        yield from list(csv.reader(lines, delimiter=separator, strict=True))
        return
    except csv.Error:
        pass
    for each in lines:
        try:
            yield next(csv.reader([each], delimiter=separator, strict=True), [])
        except csv.Error:
            yield None


def _header(
    path: Path, fields: list[str], needed: Sequence[str], allowed: Sequence[str] | None, remedy: str
) -> list[str]:
    while fields and not fields[-1]:
        fields = fields[:-1]
    header = [field.lower() for field in fields]
    missing = [name for name in needed if name not in header]
    if missing:
        raise BadInput(path, f"has no column {missing[0]!r}; its columns are {', '.join(fields) or 'none'}", remedy)
    unknown = [name for name in header if allowed is not None and name not in allowed]
    if unknown:
        raise BadInput(path, f"has an unknown column {unknown[0]!r}", remedy)
    if len(set(header)) < len(header):
        raise BadInput(path, "has two columns of one name", remedy)
    return header
