"""The mean Dice over the seventeen structures that SAFNet's paper scores, from the rows of single structures.

As the means of `spinelib.measures.volumes`: a structure that neither prediction nor reference has does not count.
"""

from __future__ import annotations

import pandas as pd

from spinelib.core.structures import SEVENTEEN, SEVENTEEN_GROUP, STRUCTURES

KEYS = ["run", "dataset", "split", "case", "view", "condition", "severity"]


def seventeen_rows(cases: pd.DataFrame) -> pd.DataFrame:
    """Dice rows of structure ``seventeen``, one per case and run, columns of `cases`; none for films.

    cases: a case table. value: the mean over the structures of SEVENTEEN that are present, in 0..1.
    """
    single = cases["structure"].isin(SEVENTEEN) & (cases["metric"] == "dice") & cases["value"].notna()
    single &= cases["status"] != "absent"
    volumes = cases.loc[cases["structure"] == "all", "dataset"].unique()
    rows = cases[single & cases["dataset"].isin(volumes)]
    means = rows.groupby(KEYS, sort=False)["value"].mean().rename("value").reset_index()
    first = rows.drop_duplicates(KEYS).drop(columns="value").merge(means, on=KEYS)
    return first.assign(structure=SEVENTEEN_GROUP, status="ok")[cases.columns]


def with_seventeen(cases: pd.DataFrame) -> pd.DataFrame:
    """The case table with `seventeen_rows` of the data sets that have more structures than these; each row once.

    Where no volume names T9 or T9/T10 the mean over all structures is the same.
    """
    more = cases["structure"].isin(set(STRUCTURES).difference(SEVENTEEN))
    wide = cases["dataset"].isin(cases.loc[more, "dataset"].unique())
    if not wide.any():
        return cases
    kept = cases[~wide | (cases["structure"] != SEVENTEEN_GROUP)]
    return pd.concat([kept, seventeen_rows(cases[wide])], ignore_index=True)
