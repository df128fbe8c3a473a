"""``python -m spinelib.study.recompute FOLDER ...``: judge published studies of earlier code by the rules of today."""

from __future__ import annotations

import sys
from pathlib import Path

from spinelib.core.command_line import OneLineParser
from spinelib.core.errors import BadInput
from spinelib.study.recompute.study import recompute_study


def main(words: list[str] | None = None) -> int:
    """Recompute each folder and say what became of its tables; gives 2 for one that cannot be used, in one line."""
    parser = OneLineParser(prog="python -m spinelib.study.recompute", description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER", help="reports/published/STUDY")
    given = parser.parse_args(words)
    try:
        for folder in given.folders:
            print(recompute_study(folder))
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
