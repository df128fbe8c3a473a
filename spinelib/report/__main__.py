"""``python -m spinelib.report page RUNFOLDER`` and ``python -m spinelib.report index STUDYFOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

from spinelib.core.command_line import OneLineParser
from spinelib.core.errors import BadInput
from spinelib.runs.state import read_state


def main(words: list[str] | None = None) -> int:
    """Write one page or one index; gives the exit status (2 for a folder that cannot be used, said in one line)."""
    parser = OneLineParser(prog="python -m spinelib.report", description=__doc__)
    parser.add_argument("kind", choices=["page", "index"])
    parser.add_argument("folder", type=Path)
    given = parser.parse_args(words)
    try:
        if given.kind == "page":
            from spinelib.report.page import write_page

            write_page(given.folder)
            state = read_state(given.folder)
            print(f"  {state.status}: {given.folder.name}  {state.error or _took(state.record)}", flush=True)
        else:
            from spinelib.report.index import write_index

            print(write_index(given.folder))
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _took(record: dict[str, object]) -> str:
    return f"{record['seconds']} s" if "seconds" in record else ""


if __name__ == "__main__":
    sys.exit(main())
