"""Case tables and records of made-up studies."""

import json

import matplotlib as mpl
import pandas as pd

mpl.use("Agg")
from spinelib.runs.tables import CASE_COLUMNS

FIVE = ["mdwcnet", "unet", "plunet", "fcn8s", "pspnet"]


ABOUT = {"variant": "full", "recipe": "common", "width": 0.5, "seed": 0, "fold": 0, "split": "test"}


FILM = {"view": "other", "condition": "none", "severity": 0, "near_duplicate": "", "status": "ok"}


def run_rows(study, method, value, structure="lung", spread=0.001, films=8, **changes):
    """Dice and pooled Dice of one run; the first two films (f0, f1) have a near-duplicate in training if `twin`."""
    twin = changes.pop("twin", "")
    about = {"study": study, "dataset": study, "trained_on": study, "method": method, **ABOUT, **changes}
    about["run"] = "-".join(str(about[name]) for name in ("method", "variant", "recipe", "width", "seed", "trained_on"))
    rows = []
    for i in range(films):
        film = {"case": f"f{i}", "patient": f"f{i}", **FILM, "near_duplicate": twin if i < 2 else ""}
        score = {"structure": structure, "metric": "dice", "value": value + spread * i, "unit": "1"}
        rows.append({**about, **film, **score})
    pooled = {"case": "all", "patient": "all", **FILM, "view": "all", "structure": structure}
    return [*rows, {**about, **pooled, "metric": "dice_pooled", "value": value, "unit": "1"}]


def write(folder, *parts, grid=(16, 16)):
    table = pd.DataFrame([row for part in parts for row in part])
    folder.mkdir(parents=True, exist_ok=True)
    table[CASE_COLUMNS].to_csv(folder / "cases.csv", index=False)
    for run in table["run"].unique():
        record = {
            "parameters": {"grid": list(grid), "epochs": 9},
            "facts": {"params": 2e6, "training": {"epochs": 9.1}},
        }
        (folder / "runs" / run).mkdir(parents=True)
        (folder / "runs" / run / "run.json").write_text(json.dumps(record))
    return folder


def study(root, name, order, structure="lung", **changes):
    values = [run_rows(name, method, 0.9 - 0.05 * i, structure, **changes) for i, method in enumerate(order)]
    return write(root / name, *values)
