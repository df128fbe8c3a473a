"""What counts as one piece of evidence when lines of the ledger are counted.

(C, our choice) What a network costs is no evidence of how well it outlines: costs are counted apart. Lines that ask
the same rule of the same pair of entries, on one data set, structure and metric, were decided by the same numbers: with
one verdict they count once. A line that joins two metrics was decided by the lines of each: no evidence of its own.
"""

from __future__ import annotations

import pandas as pd

ACCURACY, COST = "accuracy", "cost"
COSTS = "costs, all papers"  # what a table by paper calls the lines on costs
UNTESTED = "not testable here"
JOINED = "both"


def counted_lines(table: pd.DataFrame) -> pd.DataFrame:
    """The lines of a table of verdicts that count, with a column `about`, "accuracy" or "cost".

    table: columns rule, one, other, dataset, structure, metric and verdict. Of lines with one evidence and verdict
    the first stays; what was not tested has no evidence, and every line of it stays.
    """
    table = table.assign(about=(table["rule"] == "cost").map({True: COST, False: ACCURACY}))
    sides = table[["one", "other"]].fillna("").astype(str)
    pair = [" - ".join(sorted(both)) for both in sides.itertuples(index=False, name=None)]
    evidence = table[["rule", "dataset", "structure", "metric", "verdict"]].assign(pair=pair)
    own = ~evidence.duplicated() & (table["rule"] != JOINED)
    return table[own | (table["verdict"] == UNTESTED)]
