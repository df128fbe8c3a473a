"""A case table of three methods, one of them better by a known amount."""

import numpy as np
import pandas as pd

GAINS = {"good": 0.05, "fair": 0.01, "base": 0.0}


def cases(patients=16, seeds=(0, 1), views=("coronal", "left"), fold=lambda p, seed: 0):
    noise = np.random.default_rng(0)
    level = noise.normal(0.8, 0.03, patients)
    rows = [
        {
            **{"run": f"{method}-{seed}", "method": method, "seed": seed, "fold": fold(p, seed), "case": f"{p}-{view}"},
            **{"patient": f"p{p}", "view": view, "value": level[p] + gain + 0.01 * noise.normal()},
        }
        for method, gain in GAINS.items()
        for seed in seeds
        for p in range(patients)
        for view in views
    ]
    facts = {"dataset": "phantom", "trained_on": "phantom", "variant": "full", "recipe": "common", "width": 1.0}
    more = {"split": "test", "condition": "none", "severity": 0, "near_duplicate": "", "structure": "spine"}
    return pd.DataFrame(rows).assign(**facts, **more, study="s", metric="dice", unit="1", status="ok")


PAIRS = [("good/full", "base/full"), ("fair/full", "base/full")]
