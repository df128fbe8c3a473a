"""The figures that show verdicts, drawn anew from judged tables."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from spinelib.core.layout import FIGURES, QUESTIONS
from spinelib.literature.counting import UNTESTED
from spinelib.plots.forest_plot import forest
from spinelib.plots.scores import leaderboard_figure
from spinelib.plots.style import use_style
from spinelib.questions.ablation.figures import part_effects
from spinelib.questions.claims.figures import verdict_bars
from spinelib.questions.claims.verdicts import tally
from spinelib.questions.cobb.angle_tables import ERROR_NAMES, shown_name
from spinelib.questions.compare.contrasts import DICE
from spinelib.runs.figures import save_figure
from spinelib.statistics.comparison import ALL

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SMAPE, LEVEL = "smape", 0.95
MARGIN = 0.01  # of Dice, that the notebook shades
GROUP = ["dataset", "method", "recipe", "width", "structure", "metric"]


def anew_figures(
    claims: pd.DataFrame | None = None,
    parts: pd.DataFrame | None = None,
    contrasts: pd.DataFrame | None = None,
    angles: pd.DataFrame | None = None,
) -> dict[str, bytes]:
    """PNGs by place: figures that show verdicts, p-values or boards of these tables, as their notebooks name them."""
    use_style()
    tables = ((claims, _of_claims), (parts, _of_parts), (contrasts, _of_contrasts), (angles, _of_angles))
    found = (pair for table, drawn in tables if table is not None for pair in drawn(table))
    return {place: _png(figure, Path(place).stem) for place, figure in found}


def _png(figure: Figure, name: str) -> bytes:
    import matplotlib.pyplot as plt

    with tempfile.TemporaryDirectory() as folder:
        png = save_figure(figure, Path(folder), name, "")
    plt.close(figure)
    return png


def _of_claims(claims: pd.DataFrame) -> Iterator[tuple[str, Figure]]:
    yield _place("70_claims", "tally"), verdict_bars(tally(claims))
    tested = claims[(claims["rule"] == "difference") & (claims["verdict"] != UNTESTED)]
    tested = tested[tested["confidence"] == LEVEL].drop_duplicates(["metric", "unit", "one", "other", "dataset"])
    for key, rows in tested.groupby(["metric", "unit", "dataset"], sort=False):
        metric, unit, dataset = map(str, key)
        figure = forest(rows.assign(p=rows["p_holm"]), metric, unit, marks="published")
        yield _place("70_claims", f"claims_{dataset}_{metric}"), figure


def _of_parts(parts: pd.DataFrame) -> Iterator[tuple[str, Figure]]:
    for key, rows in parts.groupby(GROUP, sort=False):
        dataset, method, recipe, width, structure, score = key
        name = f"parts_{dataset}_{method}_{recipe}_{width:g}_{structure}_{score}"
        yield _place("35_ablation", name.replace(".", "p")), part_effects(rows)


def _of_contrasts(contrasts: pd.DataFrame) -> Iterator[tuple[str, Figure]]:
    for dataset, rows in contrasts.groupby("dataset", sort=False):
        figure = forest(rows.drop(columns="view").assign(p=rows["p_holm"]), *DICE, MARGIN)
        yield _place("60_significance", f"forest_{dataset}"), figure


def _of_angles(angles: pd.DataFrame) -> Iterator[tuple[str, Figure]]:
    for dataset, board in angle_leaders(angles):
        yield _place("40_cobb", f"board_{dataset}"), leaderboard_figure(board, *ERROR_NAMES[SMAPE])


def _place(question: str, name: str) -> str:
    return f"{QUESTIONS}/{question}/{FIGURES}/{name}.png"


def angle_leaders(angles: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The board of every data set by SMAPE over all films, best first, with the columns that a board's figure takes.

    angles: as of `judged.judged_angles`. What no network answered is left out.
    """
    ranked = angles[(angles["near_duplicate"] == ALL) & angles["rank"].notna()]
    for dataset, board in ranked.groupby("dataset", sort=False):
        names = [shown_name(name, route) for name, route in board[["name", "route"]].to_numpy(str)]
        ends = {SMAPE: "mean", f"{SMAPE}_low": "low", f"{SMAPE}_high": "high"}
        yield str(dataset), board.rename(columns=ends).assign(name=names, n=board["patients"])
