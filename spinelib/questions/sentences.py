"""What the questions of a study found, as sentences with their numbers, made from their tables: the index begins so.

A sentence never says more than its interval: who leads a table is the best mean, and whether that is more than chance
is said by the paired comparisons which the study named beforehand.
"""

from __future__ import annotations

import pandas as pd

from spinelib.plots.style import label

MANY = 4  # names beyond these are counted, not listed


def with_interval(mean: float, low: float, high: float, digits: int = 3) -> str:
    """``0.787 [0.754, 0.804]``."""
    return f"{mean:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def listed(names: list[str]) -> str:
    """Names joined by commas; those beyond MANY are counted."""
    rest = len(names) - MANY
    return ", ".join(names[:MANY]) + (f" and {rest} more" if rest > 0 else "")


def leader(table: pd.DataFrame, data: str, part: str, metric: str, unit: str = "1") -> str:
    """Who leads a board, with what, and how many others its interval reaches; `table` as of `experiment.board`."""
    if table.empty:
        return f"{data}: no run has finished."
    best, rest = table.iloc[0], table.iloc[1:]
    digits, words = (3, "") if unit in ("", "1") else (1, f" {unit}")
    head = f"{data}, {part}: {label(best['name'])} has the best mean {label(metric)}, "
    mean, low, high = (float(best[name]) for name in ("mean", "low", "high"))
    head += with_interval(mean, low, high, digits) + f"{words}, {int(best['n'])} patients"
    if rest.empty:
        return head + "."
    near = ((rest["low"] <= best["high"]) & (best["low"] <= rest["high"])).sum()
    return f"{head}; intervals of {near} of {len(rest)} others overlap with its own."


def compared(table: pd.DataFrame, data: str, metric: str, p: str = "p_holm", alpha: float = 0.05) -> str:
    """Which of the comparisons named beforehand survive Holm; columns one, other, mean, low, high and `p`."""
    if table.empty:
        return f"{data}: no comparison that the study named has both sides finished."
    sure = table[table[p] < alpha]
    told = [
        f"{label(first)} above {label(second)} by {with_interval(mean, min(low, high), max(low, high))}"
        for first, second, mean, low, high in (_upright(row) for row in sure.itertuples())
    ]
    open_ = len(table) - len(sure)
    words = listed(told) if told else "none"
    head = f"{data}, {label(metric)}: of {len(table)} named comparisons {len(sure)} survive Holm"
    return f"{head} ({words}); {open_} stay open."


def _upright(row: object) -> tuple[str, str, float, float, float]:
    """The row with the side of the larger value first."""
    one, other, mean, low, high = (getattr(row, name) for name in ("one", "other", "mean", "low", "high"))
    return (one, other, mean, low, high) if mean >= 0 else (other, one, -mean, -high, -low)


def ledger(table: pd.DataFrame) -> str:
    """How the lines of the ledger of claims were judged; column verdict, one line per claim and data set."""
    counts = table["verdict"].value_counts()
    tested = int(counts.sum() - counts.get("not testable here", 0))
    words = [f"{verdict} {count}" for verdict, count in counts.items() if verdict != "not testable here"]
    return f"{tested} of {int(counts.sum())} lines of the ledger were tested here: {', '.join(words) or 'none'}."


def broken(table: pd.DataFrame, data: str, severity: int, titles: dict[str, str]) -> str:
    """Which corruption costs most and which entry loses least at `severity`; `table` as of `robustness.losses`."""
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


def order_held(order: pd.DataFrame, data: str) -> str:
    """Under how many corruptions the clean leader stays in front; `order` as of `robustness.rank_stability`."""
    own = order[order["dataset"] == data]
    kept = int((own["best"] == own["best_clean"]).sum())
    return (
        f"{data}: {label(str(own['best_clean'].iloc[0]))}, best on clean images, stays best under {kept} of {len(own)}."
    )


def parts(table: pd.DataFrame) -> list[str]:
    """Which parts pay, hurt, or cannot be told, a sentence per method and score; `table` as of `ablation.effects`."""
    said = []
    for key, rows in table.groupby(["dataset", "method", "metric"], sort=False):
        data, method, metric = map(str, key)
        groups = {word: listed(list(dict.fromkeys(own["part"]))) for word, own in rows.groupby("verdict", sort=True)}
        words = "; ".join(f"{word!s}: {names}" for word, names in groups.items())
        said.append(f"{label(method)} on {data}, {label(metric)}: {words}.")
    return said


def worth(front: pd.DataFrame, data: str, price: str) -> str:
    """Whom nobody beats at the price, cheapest first; `front` as of `complexity.frontier`."""
    best = front[front["front"]]
    names = [f"{label(str(name))} ({score:.3f})" for name, score in zip(best["name"], best["score"], strict=True)]
    return f"{data}, by {price}: nobody is cheaper and better than {listed(names)}."


def trusted(judged: pd.DataFrame, best: str) -> str:
    """How the tests and intervals did on samples in which nothing differs; `judged` as of `significance.verdicts`."""
    normal = judged[judged["shape"] == "normal"]
    reject = normal[(normal["kind"] == "rejection") & (normal["tool"] == "t")]["value"]
    off = judged[judged["verdict"] != "holds"]
    rejects = f"The paired t-test rejects {reject.min():.1%} to {reject.max():.1%} where nothing differs (normal shape)"
    count = f"{len(off)} of {len(judged)} combinations of tool, shape and size are off or unclear"
    return f"{rejects}; {count}; the interval that covers best is {best}."
