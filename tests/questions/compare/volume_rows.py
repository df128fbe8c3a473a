"""Case rows of volumes, as a study of MR volumes has them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from spinelib.runs.tables import CASE_COLUMNS

GROUP_OF = {"L5": "vertebrae", "L4": "vertebrae", "L4/L5": "discs"}


def volume_rows(method, value, *, dataset="mr", trained_on="mr", cases=6, parts=1, shift=0, **changes):
    """Rows of one entry over `parts` runs (folds), each with its share of the cases; discs are 0.1 worse."""
    rows = []
    for i in range(cases):
        fold = i % parts
        about = {"study": "s", "dataset": dataset, "trained_on": trained_on, "method": method, "variant": "full"}
        about |= {"recipe": "common", "width": 1.0, "seed": 0, "fold": fold, "split": "test", **changes}
        about["run"] = f"{trained_on}-{method}-{about['variant']}-f{fold}"
        film = {"case": f"v{i}", "patient": f"v{i}", "view": "sagittal", "condition": "none", "severity": 0}
        about |= film | {"near_duplicate": "", "status": "ok"}
        scores = {name: value + i / 100 - 0.1 * (group == "discs") for name, group in GROUP_OF.items()}
        for group in ("vertebrae", "discs"):
            scores[group] = float(np.mean([scores[name] for name, own in GROUP_OF.items() if own == group]))
        scores["all"] = float(np.mean([scores[name] for name in GROUP_OF]))
        off = shift if i == 0 else 0
        for name, score in scores.items():
            numbers = [("dice", "1", score), ("hd95", "mm", 10 * (1 - score)), ("assd", "mm", 3 * (1 - score))]
            if name == "all":
                numbers += [("level_shift", "levels", float(off)), ("dice_unshifted", "1", score + 0.1 * (off != 0))]
            rows += [{**about, "structure": name, "metric": m, "unit": u, "value": v} for m, u, v in numbers]
    return rows


def table_of(*parts):
    """The case table of several entries."""
    return pd.DataFrame([row for part in parts for row in part])[CASE_COLUMNS]
