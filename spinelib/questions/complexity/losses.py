"""The losses of all trainings of a study on one axis, epoch by epoch, as MDWC-Net's paper shows its own (Figure 6, A).

(C, our choice) One curve an entry: its first seed and fold. Losses compare only where networks are trained by one loss;
Seg4Reg+, whose loss has further terms, and pipelines of several trainings have no curve here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from spinelib.core.names import entry
from spinelib.models import METHODS
from spinelib.models.method import Method
from spinelib.plots.margin import LETTERS, column_height, names_beside, sparse
from spinelib.plots.style import entry_looks, narrow_label
from spinelib.questions.compare.boards import COMMON
from spinelib.questions.complexity.networks import run_names
from spinelib.runs.history import read_history
from spinelib.runs.named import finished_runs

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLUMNS = ("name", "trained on", "recipe", "epoch", "training", "validation")
SIDES = ("training", "validation")


def loss_courses(results: Path | str) -> pd.DataFrame:
    """Losses along the first training of every entry: COLUMNS, one row per validation.

    Raises BadInput when no run has finished.
    """
    names, parts, seen = run_names(results), [], set()
    for folder, record in finished_runs(results):
        given = record.get("parameters", {})
        method = METHODS.get(given.get("method", ""))
        if method is None or method.objective != Method.objective:
            continue
        own = "/".join(entry({"variant": "full", **given}))  # one that learned nothing stands on no board
        key = names.get(folder.root.name, own), given["trained_on"], given.get("recipe", COMMON)
        table = read_history(folder.history)
        if key in seen or table.empty:
            continue
        seen.add(key)
        about = dict(zip(COLUMNS, key, strict=False))
        rows = {"epoch": table["epoch"], "training": table["train_loss"], "validation": table["validation_loss"]}
        parts.append(pd.DataFrame(rows).assign(**about)[list(COLUMNS)])
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))


def loss_curves(table: pd.DataFrame) -> Figure:
    """Training loss (above) and validation loss (below) of every entry against epochs, on a logarithmic axis.

    table: of `loss_courses`. Named is the full network of every method; its variants are thin. Raises ValueError
    without a row.
    """
    import matplotlib.pyplot as plt

    if table.empty:
        raise ValueError("no training has a history")
    entries = list(dict.fromkeys(table["name"]))
    # `full` itself before `full_published`, and that before any variant.
    full_first = sorted(entries, key=lambda name: (not name.partition("/")[2].startswith("full"), len(name)))
    named = set({name.partition("/")[0]: name for name in reversed(full_first)}.values())
    looks = entry_looks(entries)
    height = 1.3 * column_height([narrow_label(name, LETTERS) for name in named])
    figure, axes = plt.subplots(2, 1, figsize=(6.4, 2 * max(2.6, height)))
    for ax, side in zip(axes, SIDES, strict=True):
        ends = []
        for name, rows in table.dropna(subset=side).groupby("name", sort=False):
            look, tall = looks[str(name)], name in named
            style = {"lw": 1.5, "ms": 4, "zorder": 3} if tall else {"lw": 0.8, "ms": 2, "alpha": 0.35}
            ax.plot(rows["epoch"], rows[side], markevery=sparse(rows), **look, **style)
            if tall:
                ends.append((rows[side].iloc[-1], narrow_label(str(name), LETTERS), look))
        ax.set_yscale("log")
        ax.set(ylabel=f"{side} loss (nat)", xlabel="epochs", xlim=(0, None))
        ax.grid(alpha=0.25)
        if ends:
            names_beside(ax, *zip(*ends, strict=True))
    return figure
