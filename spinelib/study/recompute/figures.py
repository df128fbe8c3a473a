"""The figures that show verdicts, drawn anew from judged tables."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from spinelib.core.layout import FIGURES, QUESTIONS
from spinelib.plots.scores import leaderboard_figure
from spinelib.plots.style import use_style
from spinelib.questions.ablation.figures import part_effects
from spinelib.questions.claims.figures import verdict_bars
from spinelib.questions.claims.verdicts import tally
from spinelib.questions.cobb.angle_tables import ERROR_NAMES, shown_name
from spinelib.runs.figures import save_figure
from spinelib.statistics.comparison import ALL

SMAPE = "smape"
GROUP = ["dataset", "method", "recipe", "width", "structure", "metric"]


def anew_figures(
    claims: pd.DataFrame | None = None, parts: pd.DataFrame | None = None, angles: pd.DataFrame | None = None
) -> dict[str, bytes]:
    """PNGs by place: tally of the ledger, effects of parts and boards of angles, named as their notebooks name them."""
    use_style()
    drawn = {f"{QUESTIONS}/70_claims/{FIGURES}/tally.png": verdict_bars(tally(claims))} if claims is not None else {}
    for key, rows in parts.groupby(GROUP, sort=False) if parts is not None else ():
        dataset, method, recipe, width, structure, score = key
        name = f"parts_{dataset}_{method}_{recipe}_{width:g}_{structure}_{score}".replace(".", "p")
        drawn[f"{QUESTIONS}/35_ablation/{FIGURES}/{name}.png"] = part_effects(rows)
    for dataset, board in angle_leaders(angles) if angles is not None else ():
        place = f"{QUESTIONS}/40_cobb/{FIGURES}/board_{dataset}.png"
        drawn[place] = leaderboard_figure(board, *ERROR_NAMES[SMAPE])
    with tempfile.TemporaryDirectory() as folder:
        return {place: save_figure(figure, Path(folder), Path(place).stem, "") for place, figure in drawn.items()}


def angle_leaders(angles: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The board of every data set by SMAPE over all films, best first, with the columns that a board's figure takes.

    angles: as of `judged.judged_angles`. What no network answered is left out.
    """
    ranked = angles[(angles["near_duplicate"] == ALL) & angles["rank"].notna()]
    for dataset, board in ranked.groupby("dataset", sort=False):
        names = [shown_name(name, route) for name, route in board[["name", "route"]].to_numpy(str)]
        ends = {SMAPE: "mean", f"{SMAPE}_low": "low", f"{SMAPE}_high": "high"}
        yield str(dataset), board.rename(columns=ends).assign(name=names, n=board["patients"])
