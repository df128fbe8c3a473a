"""Studies of made-up runs: case tables and run records whose effects are known."""

import json

import numpy as np
import pandas as pd

from spinelib.questions import ablation

PATIENTS, VIEWS = 20, ("left_bending", "coronal", "right_bending")


class Study:
    """Made-up case tables and run records: `add` a run whose patients score `level` plus their own offset and noise."""

    def __init__(self, folder):
        self.folder, self.tables = folder, []

    def add(self, variant, level, *, method="r2mfnet", seed=0, steps=100, noise=0.004, metric="dice", **given):
        """`level` is a number, or one for every view by name; `given` are further parameters of the run."""
        name = f"{method}-{variant}-{len(self.tables)}"
        parameters = {"method": method, "variant": variant, "options": [], "trained_on": "own", **given}
        films = given.get("train_films") or 90 / (3 if given.get("views") else 1)
        training = {"steps": steps, "epochs": steps * 8 / films}
        record = {"run": name, "parameters": parameters, "facts": {"training": training, "recipe": {"batch": 8}}}
        (self.folder / "runs" / name).mkdir(parents=True)
        (self.folder / "runs" / name / "run.json").write_text(json.dumps(record))
        table = pd.DataFrame([(p, v) for p in range(PATIENTS) for v in VIEWS], columns=["patient", "view"])
        noises = np.random.default_rng([seed, len(self.tables)]).normal(0, noise, len(table))
        levels = table["view"].map(level) if isinstance(level, dict) else level
        table["value"] = levels + 0.02 * np.sin(table["patient"]) + noises
        about = {"study": "s", "run": name, "dataset": "own", "trained_on": "own", "method": method, "variant": variant}
        where = {"recipe": "common", "width": 1.0, "seed": seed, "fold": 0, "split": "test", "condition": "none"}
        unit, structure = ("1", "spine") if metric == "dice" else ("%", "angles")
        facts = {"severity": 0, "near_duplicate": "", "structure": structure, "metric": metric, "unit": unit}
        case = table["patient"].astype(str) + table["view"]
        self.tables.append(table.assign(**about, **where, **facts, case=case, status="ok"))
        return self

    @property
    def cases(self):
        return pd.concat(self.tables, ignore_index=True)

    def twice(self, variant, level, **given):
        """`add` two trainings."""
        return self.add(variant, level, **given).add(variant, level, seed=1, **given)

    def effects(self, comparisons=()):
        return ablation.effects(self.folder, self.cases, comparisons).set_index("part")
