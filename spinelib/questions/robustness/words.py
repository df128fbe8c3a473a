"""What corruptions cost, as sentences."""

from __future__ import annotations

import pandas as pd

from spinelib.plots.style import label


def costliest(table: pd.DataFrame, data: str, severity: int, titles: dict[str, str]) -> str:
    """Which corruption costs most and which entry loses least at `severity`; `table` as of `degradation.losses`."""
    own = table[(table["dataset"] == data) & (table["severity"] == severity)].dropna(subset="loss")
    if own.empty:
        return f"{data}: nothing was asked at severity {severity}."
    kinds, names = (own.groupby(column)["loss"].mean().sort_values() for column in ("condition", "name"))
    worst = titles.get(str(kinds.index[-1]), str(kinds.index[-1]))
    words = f"{data}, severity {severity}: {worst} costs most, {kinds.iloc[-1]:.0%} of the clean Dice in the mean"
    if len(names) > 1:
        first, last = label(str(names.index[0])), label(str(names.index[-1]))
        words += f"; over {len(kinds)} corruptions {first} loses least ({names.iloc[0]:.0%}), {last} most"
        words += f" ({names.iloc[-1]:.0%})"
    return words + "."


def leader_kept(order: pd.DataFrame, data: str) -> str:
    """Under how many corruptions the clean order keeps its first; `order` as of `degradation.rank_stability`."""
    own = order[order["dataset"] == data]
    kept = int((own["best"] == own["best_clean"]).sum())
    return f"{data}: the entry in front on the clean cases of these patients stays there under {kept} of {len(own)}."
