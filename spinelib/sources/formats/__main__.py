"""`python -m spinelib.sources.formats [--into PAGE]`: print the table of formats, or write it into a page."""

from __future__ import annotations

from pathlib import Path

from spinelib.core.command_line import OneLineParser
from spinelib.core.files import write_text
from spinelib.sources.formats.overview import formats_table, put_into


def main() -> None:
    """Print the table, or put it between the two marks of a page."""
    parser = OneLineParser(description=__doc__)
    parser.add_argument("--into", type=Path, help="a page with the marks between which the table stands")
    page = parser.parse_args().into
    table = formats_table()
    if page is None:
        print(table)
    else:
        write_text(page, put_into(page.read_text(encoding="utf-8"), table))


if __name__ == "__main__":
    main()
