"""``python -m spinelib.report.publish reports/STUDY [--into FOLDER] [--allow-dirty]``: what is kept of a study."""

from __future__ import annotations

import sys
from pathlib import Path

from spinelib.core.command_line import OneLineParser
from spinelib.core.errors import BadInput
from spinelib.core.layout import PUBLISHED_STUDIES
from spinelib.report.publish.study import publish


def main(words: list[str] | None = None) -> int:
    """Publish one study and say what was left out; gives 2 for a folder that cannot be used, said in one line."""
    parser = OneLineParser(prog="python -m spinelib.report.publish", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of a study, reports/STUDY")
    parser.add_argument("--into", type=Path, help="folder to write; reports/published/STUDY where none is given")
    parser.add_argument("--allow-dirty", action="store_true", help="also what code that was not committed has made")
    given = parser.parse_args(words)
    into = given.into or given.folder.parent / PUBLISHED_STUDIES / given.folder.name
    try:
        print(publish(given.folder, into, given.allow_dirty))
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
