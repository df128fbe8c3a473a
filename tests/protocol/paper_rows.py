"""Made-up case rows of the four metrics of the MDWC-Net paper."""

import pandas as pd

ABOUT = {"dataset": "chest", "data": "chest", "method": "unet", "variant": "full", "recipe": "common", "width": 0.5}
FILM = {"split": "test", "view": "other", "condition": "none", "severity": 0, "structure": "lung", "status": "ok"}


def rows_of(case, values, **changes):
    metrics = dict(zip(("dice", "miou", "sensitivity", "pixel_accuracy"), values, strict=True))
    suffix = "_pooled" if case == "all" else ""
    return [
        {**ABOUT, **FILM, "case": case, "metric": name + suffix, "value": value, **changes}
        for name, value in metrics.items()
    ]


def paper_rows():
    """Two test films, one of them missed, their pooled scores, and rows that must not count."""
    table = rows_of("a", (0.9, 0.85, 0.8, 0.95)) + rows_of("b", (0.0, 0.4, 0.0, 0.8), status="empty_prediction")
    table += rows_of("all", (0.6, 0.65, 0.5, 0.875), view="all") + rows_of("all", (0.1, 0.1, 0.1, 0.1))
    table += rows_of("c", (1.0, 1.0, 1.0, 1.0), split="train") + rows_of("a", (0.2, 0.2, 0.2, 0.2), condition="noise")
    return pd.DataFrame(table)
