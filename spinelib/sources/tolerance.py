"""Measure how far the outlines of two readers lie apart, on films of prepared data that were labelled twice.

    python -m spinelib.sources.tolerance aasce reports/aasce/data/aasce

writes the row of that data set in `spinelib/measures/tolerance.csv`, from which the NSD has its tolerance.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from spinelib.cases.tables import read_frame
from spinelib.core.command_line import OneLineParser
from spinelib.core.errors import BadInput
from spinelib.core.files import write_text
from spinelib.core.layout import DataFolder
from spinelib.measures.tolerance import TABLE

# Medians over the pairs of films; the boundary's are in % of the outline's length.
MEDIANS = ("dice", "boundary_median", "boundary_p95")


def tolerance_row(dataset: str, folder: Path) -> dict[str, str]:
    """What the repeat labels of prepared data say: dataset, pairs of films, how many shifted by a level, MEDIANS.

    Raises BadInput for data without films that were labelled twice.
    """
    path = DataFolder(folder).repeat
    pairs = read_frame(path)
    if pairs.empty or not set(MEDIANS) <= set(pairs):
        raise BadInput(path, "names no two outlines of one film", "Prepare data that have some, aasce for one.")
    shifted = int((pairs["level_shift"] != 0).sum())
    medians = {name: f"{pairs[name].median():.4g}" for name in MEDIANS}
    return {"dataset": dataset, "pairs": str(len(pairs)), "shifted": str(shifted), **medians}


def main(words: list[str] | None = None) -> int:
    """Gives 0, or 2 for input with which nothing can be done, said in one line."""
    parser = OneLineParser(prog="python -m spinelib.sources.tolerance", description=__doc__)
    parser.add_argument("dataset", help="name of the data set")
    parser.add_argument("folder", type=Path, help="folder of its prepared data")
    parser.add_argument("--into", type=Path, default=TABLE, help="table whose row is written")
    given = parser.parse_args(words)
    try:
        table = pd.DataFrame([tolerance_row(given.dataset, given.folder)])
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if given.into.exists():
        others = pd.read_csv(given.into, dtype=str)
        table = pd.concat([others[others["dataset"] != given.dataset], table])
    write_text(given.into, table.to_csv(index=False, lineterminator="\n"))
    print(table.to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
