"""``python -m spinelib.report.results [STUDY ...]``: write the pages of results from the published tables."""

from __future__ import annotations

import sys
from pathlib import Path

from spinelib.core.command_line import OneLineParser
from spinelib.core.errors import BadInput
from spinelib.report.results.earlier import keep_earlier
from spinelib.report.results.pages import write_pages


def main(words: list[str] | None = None) -> int:
    """Write the pages and name them; gives 2 for a table that is missing, said in one line."""
    parser = OneLineParser(prog="python -m spinelib.report.results", description=__doc__)
    parser.add_argument("studies", nargs="*", metavar="STUDY", help="studies to write; all that are published, if none")
    parser.add_argument("--into", type=Path, default=Path("docs/results"), help="folder of the pages")
    text = "keep the verdicts of the publication of STUDY in this commit, whose counts then stand beside today's"
    parser.add_argument("--earlier", metavar="COMMIT", help=text)
    given = parser.parse_args(words)
    try:
        for study in given.studies if given.earlier else ():
            print(keep_earlier(study, given.earlier))
        for path in write_pages(Path(), given.into, given.studies):
            print(path)
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
