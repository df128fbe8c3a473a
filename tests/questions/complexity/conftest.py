"""A finished study of three networks."""

import json

import pandas as pd
import pytest

from spinelib.runs.tables import CASE_COLUMNS

USUAL = {"study": "made", "dataset": "phantom", "trained_on": "phantom", "recipe": "common", "seed": 0, "fold": 0}


CLEAN = {"split": "test", "view": "coronal", "condition": "none", "severity": 0, "near_duplicate": ""}


SCORES = {"unet": 0.9, "resunet": 0.8, "plunet": 0.7}


@pytest.fixture
def results(tmp_path):
    """A study of three networks; cost and score fall together but for plunet, which is dear and bad."""
    lines = []
    for k, (method, score) in enumerate(SCORES.items()):
        run = f"phantom-{method}-full-s0-f0"
        folder = tmp_path / "runs" / run
        folder.mkdir(parents=True)
        training = {"steps": 10, "seconds": 100.0, "threads": 2, "epochs": 2.0, "precision": "float32"}
        facts = {"params": 1000, "flops": 4e9 / (k + 1), "recipe": {"batch": 4}, "training": training}
        facts["flops"] = 8e9 if method == "plunet" else facts["flops"]
        given = {"method": method, "variant": "full", "trained_on": "phantom", "width": 1.0, "grid": [64, 32]}
        record = {"status": "finished", "run": run, "device": "cpu", "threads": 1, "facts": facts, "parameters": given}
        (folder / "run.json").write_text(json.dumps(record))
        built = {"method": method, "in_channels": 2, "out_channels": 1, "width": 1.0}
        (folder / "training.json").write_text(json.dumps({"identity": {"network": built}}))
        dice = [0.2, score - 0.01, score - 0.05, score]
        history = pd.DataFrame({"step": [2, 4, 8, 10], "seconds": [10, 20, 30, 40], "validation_dice": dice})
        history = history.assign(
            epoch=[1, 2, 4, 5], train_loss=[1.0, 0.5, 0.3, 0.2], validation_loss=[1.2, 0.7, 0.5, 0.4]
        )
        history.to_csv(folder / "history.csv", index=False)
        about = {**USUAL, **CLEAN, "run": run, "method": method, "variant": "full", "width": 1.0}
        more = {"structure": "spine", "metric": "dice", "unit": "1", "status": "ok"}
        lines += [
            {**about, **more, "case": p, "patient": p, "value": score + d} for p, d in (("a", 0.01), ("b", -0.01))
        ]
    pd.DataFrame(lines)[CASE_COLUMNS].to_csv(tmp_path / "cases.csv", index=False)
    return tmp_path
