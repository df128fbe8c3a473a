"""What the records of a study's runs say of how each variant was trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from spinelib.core import names
from spinelib.runs.named import finished_runs

# What makes one family of trainings: their test data, and all that is no part of the variant.
GROUP = ["dataset", "method", "trained_on", "recipe", "width"]
FULL = "full"
# Values of one option, by variant: what is swept, and where each variant stands.
SWEEPS = {"r2mfnet": ("steps T of R2-Jump", {"t0": 0, "t1": 1, FULL: 2, "t3": 3})}
RUN_FACTS = ["run", "base", "only", "views", "arm", "cut", "films", "steps", "batch"]


def run_facts(results: Path | str) -> pd.DataFrame:
    """A row per finished run of the study in `results`, columns RUN_FACTS.

    base: its variant as the study's file names it, with its options and training views; only: without them. arm:
    whether it is more than a variant: trained on some views, some films, added data or from earlier weights; cut: on
    some films alone. films: how many trained.
    """
    rows = []
    for _, record in finished_runs(results):
        given, training = record["parameters"], record["facts"].get("training", {})
        base, views = names.entry(given)[1], tuple(given.get("views", ()))
        base += f"_views_{'_'.join(views)}" if views and "_views_" not in base else ""
        other = bool(views or given.get("added") or given.get("pretrained"))
        few = bool(given.get("train_films"))
        steps, batch = training.get("steps", np.nan), record["facts"].get("recipe", {}).get("batch", np.nan)
        # A step may span two passes over the films, so that the record counts passes in fractions.
        films = steps * batch / training["epochs"] if training.get("epochs") else np.nan
        variant = {"run": record["run"], "base": base, "only": given["variant"], "views": views}
        rows.append(
            variant | {"arm": few or other, "cut": few and not other, "films": films, "steps": steps} | {"batch": batch}
        )
    return pd.DataFrame(rows, columns=RUN_FACTS)


def with_facts(results: Path | str, cases: pd.DataFrame) -> pd.DataFrame:
    """The case table of `experiment.study_cases` with RUN_FACTS beside every row."""
    return cases.merge(run_facts(results), on="run", how="inner")
