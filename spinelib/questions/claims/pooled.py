"""Means over all vertebrae together, as a paper that pools them gives them, with the patients as what is drawn."""

from __future__ import annotations

import pandas as pd

from spinelib.questions.compare.entry_values import KEYS, training_names
from spinelib.spinefm.score import VERTEBRAE


def pooled_values(rows: pd.DataFrame) -> pd.DataFrame:
    """Values [patients, (name, training)] whose mean over patients is the mean over all single vertebrae.

    rows: clean rows of one metric in its unit, a row per vertebra; those of whole films are left out. A patient counts
    as the linear form of a ratio of sums does (Cochran, Sampling Techniques, 1977, section 6.4): R + (sum - R count) /
    (mean count), with the ratio R of each training. So the spread of these values is that of the pooled mean, and a
    value by itself may lie outside what the metric can be.
    """
    single = rows[rows["structure"] != VERTEBRAE]
    single = single.assign(training=training_names(single))
    groups = single.groupby(KEYS)["value"]
    total, count = (table.unstack(KEYS[1:]).fillna(0) for table in (groups.sum(), groups.count()))
    ratio = total.sum() / count.sum()
    return ratio + (total - ratio * count) / count.mean()
