"""How many independent films the test films of a data set are worth, since films of one patient score alike."""

from __future__ import annotations

import pandas as pd

from spinelib.measures.registry import heading
from spinelib.statistics.comparison import ALL
from spinelib.statistics.within_patients import films_alike


def effective_numbers(cases: pd.DataFrame, dataset: str, structure: str) -> pd.DataFrame:
    """One row per score of a data set's test films: how alike it is within patients, and the effective number of films.

    cases: those of `study_cases`. Columns: films, patients, films per patient, ICC (the median over the entries, seeds
    averaged first), its lowest and highest among them, and the effective number (the median). Empty where no patient
    has two films.
    """
    rows = cases[(cases["dataset"] == dataset) & (cases["split"] == "test") & (cases["case"] != ALL)]
    rows = rows[rows["structure"] == structure].assign(entry=rows["method"] + "/" + rows["variant"])
    found = []
    for (metric, unit, _), films in rows.groupby(["metric", "unit", "entry"], sort=False):
        each = films.groupby(["patient", "case"], sort=False)["value"].mean().reset_index()
        found.append(
            {"score": heading(str(metric), str(unit)), **films_alike(each["value"], each["patient"])._asdict()}
        )
    table = pd.DataFrame(found)
    if table.empty or (table["films"] == table["patients"]).all():
        return pd.DataFrame()
    chosen = {
        "films": ("films", "max"),
        "patients": ("patients", "max"),
        "films per patient": ("each", "median"),
        "ICC": ("icc", "median"),
        "lowest": ("icc", "min"),
        "highest": ("icc", "max"),
        "effective number": ("effective", "median"),
    }
    digits = dict.fromkeys(["films per patient", "ICC", "lowest", "highest"], 2) | {"effective number": 0}
    return table.groupby("score", sort=False).agg(**chosen).round(digits)
