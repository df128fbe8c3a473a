"""The scores of one run as its notebook shows them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from spinelib.measures import registry
from spinelib.measures.metric import Table


def score_table(rows: pd.DataFrame, by: Sequence[str] = ("dataset", "split")) -> pd.DataFrame:
    """Mean of the metrics of Table.SCORES per structure and group `by`, with the numbers of cases and of misses.

    Penalties are included. A case counts where prediction or reference has the structure.
    """
    single = rows[(rows["case"] != "all") & (rows["status"] != "absent")]
    keys = [*by, "structure"]
    # The first row of a case and structure is its Dice; angles that a network answers have none.
    count = single.drop_duplicates([*keys, "case", "view"]).groupby(keys, sort=False)
    columns = {"cases": count.size(), "missed": count["status"].agg(lambda s: int((s != "ok").sum()))}
    for metric, unit in registry.columns(Table.SCORES):
        chosen = single[(single["metric"] == metric) & (single["unit"] == unit)]
        if len(chosen):
            mean = chosen.groupby(keys, sort=False)["value"].mean().round(3)
            columns[registry.heading(metric, unit)] = mean
    return pd.DataFrame(columns)
