"""What counts as one piece of evidence when lines of the ledger are counted.

(C, our choice) What a network costs is no evidence of how well it outlines: costs are counted apart. Lines that rest on
one pair of entries, one data set and one metric were decided by the same numbers: with one verdict they count once.
"""

from __future__ import annotations

import pandas as pd

ACCURACY, COST = "accuracy", "cost"
UNTESTED = "not testable here"


def counted_lines(table: pd.DataFrame) -> pd.DataFrame:
    """The lines of a table of verdicts that count, with a column `about`, "accuracy" or "cost".

    table: columns rule, one, other, dataset, metric and verdict. Of lines with one evidence and verdict the first
    stays; what was not tested has no evidence, and every line of it stays.
    """
    table = table.assign(about=(table["rule"] == "cost").map({True: COST, False: ACCURACY}))
    sides = table[["one", "other"]].fillna("").astype(str)
    pair = [" - ".join(sorted(both)) for both in sides.itertuples(index=False, name=None)]
    evidence = table[["about", "dataset", "metric", "verdict"]].assign(pair=pair)
    return table[~evidence.duplicated() | (table["verdict"] == UNTESTED)]
