"""Figures of a gate: reliability of its confidence, ROC by kind, risk against coverage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spinelib.apply.gate.answers import AnswerType
from spinelib.apply.gate.outcomes import error_groups, reliability, risk_curve

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def gate_figures(answers: AnswerType, parts: Mapping[str, pd.DataFrame]) -> dict[str, Figure]:
    """Figures by name for rows `with_outcomes` by part."""
    return {
        "reliability": reliability_figure(answers, parts),
        "roc": roc_figure(answers, parts),
        "risk": risk_figure(answers, parts),
    }


def reliability_figure(answers: AnswerType, parts: Mapping[str, pd.DataFrame]) -> Figure:
    """Share of answers that are right against confidence."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(4.6, 4.2))
    ax.plot([0, 1], [0, 1], color="#999999", linewidth=0.8)
    for group, rows in error_groups(answers, parts).items():
        table = reliability(rows["confidence"], rows["error"] <= answers.within)
        ax.plot(table["confidence"], table["right"], "o-", markersize=4, label=f"{group} ({len(rows)})")
    ax.set_xlabel("confidence")
    ax.set_ylabel(f"{answers.right} (share)")
    ax.legend(fontsize=8)
    return figure


def roc_figure(answers: AnswerType, parts: Mapping[str, pd.DataFrame]) -> Figure:
    """Good digital pictures kept against pictures of each kind kept, as the threshold falls."""
    import matplotlib.pyplot as plt

    films = parts["test"].loc[parts["test"]["kind"] == answers.good, "chance"].to_numpy()
    figure, ax = plt.subplots(figsize=(6.4, 4.6))
    for part, rows in parts.items():
        some = rows[rows["readable"].eq(False) & (part != "fit")]
        for kind, group in some.groupby("kind", sort=False):
            levels = np.unique(np.concatenate([films, group["chance"], [0.0, 1.1]]))[::-1]
            kept = [(group["chance"].to_numpy() >= level).mean() for level in levels]
            ax.plot(kept, [(films >= level).mean() for level in levels], linewidth=1, label=str(kind))
    ax.set_xlabel("pictures of the kind that are kept (share)")
    ax.set_ylabel(f"good digital {answers.things} that are kept (share)")
    ax.legend(fontsize=7, loc="center left", bbox_to_anchor=(1.02, 0.5))
    return figure


def risk_figure(answers: AnswerType, parts: Mapping[str, pd.DataFrame]) -> Figure:
    """Mean error of the most confident answers against their share; dashed: chance."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(5.2, 4.0))
    for group, rows in error_groups(answers, parts).items():
        curve = risk_curve(rows["confidence"], rows["error"])
        share = np.arange(1, len(curve) + 1) / len(curve)
        (line,) = ax.plot(share, curve, label=f"{group} ({len(curve)})")
        ax.axhline(curve[-1], color=line.get_color(), linestyle="--", linewidth=0.8)
    ax.set_xlabel(f"{answers.things} answered, the most confident first (share)")
    ax.set_ylabel(f"mean {answers.risk}")
    ax.legend(fontsize=8)
    return figure
