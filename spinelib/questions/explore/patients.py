"""How alike the films of one patient are, before anything is trained."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from spinelib.statistics.within_patients import films_alike


def facts_within_patients(facts: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """One row per data set, view and fact: films, patients, films per patient, ICC in patients, effective number.

    facts: rows of `protocol.film_facts`; `columns`: numbers among them. Facts that no film of a data set has are left
    out. A patient's films in one view are compared: views differ for their own reasons.
    """
    rows = []
    for (name, view), films in facts.groupby(["data", "view"], sort=False):
        for column in columns:
            if films[column].notna().any():
                found = films_alike(films[column], films["patient"])
                rows.append({"data": name, "view": view, "fact": column, **found._asdict()})
    table = pd.DataFrame(rows, columns=["data", "view", "fact", "films", "patients", "each", "icc", "effective"])
    titles = {"each": "films per patient", "icc": "ICC", "effective": "effective number"}
    return table.rename(columns=titles).round({"films per patient": 2, "ICC": 2, "effective number": 0})
