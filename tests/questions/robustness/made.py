"""Finished runs of untrained networks, and rows of made-up entries whose losses are known."""

import json

import matplotlib as mpl
import pandas as pd
import torch

mpl.use("Agg")
from spinelib.core.names import entry
from spinelib.measures.tables import score_maps
from spinelib.models import build_model
from spinelib.prediction.card import Card
from spinelib.prediction.predictor import Predictor
from spinelib.protocol.data import on_grid
from tests.prediction.made import leave

GRID, VIEWS = [64, 32], ["left_bending", "coronal", "right_bending"]


ABOUT = {"study": "s", "dataset": "phantom", "trained_on": "phantom", "recipe": "common", "width": 0.125, "fold": 0}


def write_run(root, data, method, films, seed=0, **parameters):
    """A finished run of an untrained network in the study `root`, scored as runs are on the prepared `data`."""
    torch.manual_seed(seed)
    network = build_model(method, "full", 2, 1, 0.125)
    tag = "-".join(parameters.get("views", []))
    run = f"phantom-{method}-s{seed}{tag}"
    folder = root / "runs" / run
    seen, how = tuple(parameters.get("own_grid", GRID)), {"local": True, "flip": parameters.get("flip", False)}
    leave(folder, network, Card(method, "full", 0.125, 1, ("spine",), seen, tuple(GRID), **how))
    given = {"method": method, "variant": "full", "width": 0.125, "grid": GRID, "trained_on": "phantom", **parameters}
    record = {"status": "finished", "parameters": given, "facts": {"precision": "float32"}, "seed": seed, "threads": 1}
    (folder / "run.json").write_text(json.dumps(record))
    rows = score_maps(Predictor.from_folder(folder, "cpu").labels(on_grid(films, data, seen)), films)
    return rows.assign(**ABOUT, method=method, variant=entry(given)[1], run=run, seed=seed)


def made(scores, patients=6):
    """Rows of made-up entries: {(entry, condition, severity): Dice}, a little apart from patient to patient."""
    lines = []
    for (name, condition, severity), value in scores.items():
        for k in range(patients):
            about = {"dataset": "d", "name": name, "run": name, "condition": condition, "severity": severity}
            case = {"case": f"c{k}", "patient": f"p{k}", "view": "coronal", "structure": "spine", "status": "ok"}
            case |= {"split": "test", "metric": "dice", "unit": "1"}
            lines.append({**about, **case, "value": value * (1 + 0.01 * (k - 2.5))})
    return pd.DataFrame(lines)


THREE = {("a", "none", 0): 0.9, ("b", "none", 0): 0.8, ("c", "none", 0): 0.7}


HIT = {
    **{("a", "blur", 1): 0.88, ("b", "blur", 1): 0.79, ("c", "blur", 1): 0.69},
    **{("a", "blur", 3): 0.45, ("b", "blur", 3): 0.72, ("c", "blur", 3): 0.69},
}
