"""Rows of case tables of made-up runs."""

import json

import numpy as np
import pandas as pd

from spinelib.runs.tables import CASE_COLUMNS

USUAL = {"study": "made", "dataset": "phantom", "trained_on": "phantom", "recipe": "common", "width": 1.0}


CLEAN = {"split": "test", "condition": "none", "severity": 0, "near_duplicate": "", "seed": 0, "fold": 0}


def row(method, patient, value, metric="dice", structure="spine", view="coronal", status="ok", variant="full"):
    about = {**USUAL, **CLEAN, "run": f"{method}-{variant}", "method": method, "variant": variant, "view": view}
    what = {"structure": structure, "metric": metric, "unit": "1", "status": status, "value": value}
    return {**about, **what, "case": f"{patient}-{view}", "patient": patient}


def cases(rows):
    return pd.DataFrame(rows)[CASE_COLUMNS]


def volume(patient, statuses, values=(), method="safnet"):
    values = values or [0.8 if status == "ok" else 0.0 for status in statuses]
    names = ("S", "L5", "L4", "L3")
    parts = zip(names, statuses, values, strict=False)
    rows = [row(method, patient, value, structure=name, status=status) for name, status, value in parts]
    return [*rows, row(method, patient, float(np.mean(values)), structure="all")]


GIVEN = {"method": "unet", "variant": "full", "width": 0.25, "trained_on": "aasce", "recipe": "common"}


def write(results, run, films, **changes):
    folder = results / "runs" / run
    folder.mkdir(parents=True)
    facts = {"training": {"steps": 100, "epochs": 100 * 8 / films}, "recipe": {"batch": 8}}
    (folder / "run.json").write_text(json.dumps({"parameters": GIVEN | changes, "facts": facts}))


def tables():
    names = ["few", "many", "warm", "wide"]
    rows = pd.DataFrame({"name": names, "run": names})
    board = pd.DataFrame({"name": names, "route": "mask", "smape": [20.0, 12.0, 11.0, 10.0]})
    return rows, board.assign(smape_low=board["smape"] - 1, smape_high=board["smape"] + 2)
