"""The figures that show verdicts, drawn anew from judged tables."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd

from spinelib.core.layout import FIGURES, QUESTIONS
from spinelib.plots.style import use_style
from spinelib.questions.ablation.figures import part_effects
from spinelib.questions.claims.figures import verdict_bars
from spinelib.questions.claims.verdicts import tally
from spinelib.runs.figures import save_figure

GROUP = ["dataset", "method", "recipe", "width", "structure", "metric"]


def verdict_figures(claims: pd.DataFrame | None, parts: pd.DataFrame | None) -> dict[str, bytes]:
    """PNGs by place: the tally of the ledger and the effects of parts, named as their notebooks name them."""
    use_style()
    drawn = {f"{QUESTIONS}/70_claims/{FIGURES}/tally.png": verdict_bars(tally(claims))} if claims is not None else {}
    for key, rows in parts.groupby(GROUP, sort=False) if parts is not None else ():
        dataset, method, recipe, width, structure, score = key
        name = f"parts_{dataset}_{method}_{recipe}_{width:g}_{structure}_{score}".replace(".", "p")
        drawn[f"{QUESTIONS}/35_ablation/{FIGURES}/{name}.png"] = part_effects(rows)
    with tempfile.TemporaryDirectory() as folder:
        return {place: save_figure(figure, Path(folder), Path(place).stem, "") for place, figure in drawn.items()}
