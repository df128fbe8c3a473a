"""``python -m spinelib.report.release NAME``: write the card of a released network, and first its weights or tables."""

from __future__ import annotations

import sys
from pathlib import Path

from spinelib.core.command_line import OneLineParser
from spinelib.core.errors import BadInput
from spinelib.core.files import write_text
from spinelib.prediction.released import RELEASED
from spinelib.report.release.card import CURVE_TABLE, SCORE_TABLE, write_card_page
from spinelib.report.release.tables import growth_rows, score_rows


def main(words: list[str] | None = None) -> int:
    """Gives 0, or 2 for input with which nothing can be done, said in one line."""
    parser = OneLineParser(prog="python -m spinelib.report.release", description=__doc__)
    parser.add_argument("name", choices=sorted(RELEASED))
    parser.add_argument("--run", type=Path, help="release the weights of this finished run of study release")
    parser.add_argument("--scores", type=Path, nargs="+", metavar="STUDY", help="take the scores of these studies")
    parser.add_argument("--curve", type=Path, metavar="STUDY", help="take the scores of the stretches from this study")
    parser.add_argument("--into", type=Path, help="folder; data/weights/NAME if not given")
    given = parser.parse_args(words)
    folder = given.into or RELEASED[given.name].folder
    try:
        if given.run:
            from spinelib.protocol.release import release_network

            release_network(given.run, folder)
        if given.scores:
            write_text(folder / SCORE_TABLE, score_rows(given.scores, [given.name]).to_csv(index=False))
        if given.curve:
            write_text(folder / CURVE_TABLE, growth_rows(given.curve, given.name).to_csv(index=False))
        print(write_card_page(folder))
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
