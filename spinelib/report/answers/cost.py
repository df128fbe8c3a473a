"""Which network is cheapest, and what that costs in overlap."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from spinelib.core.layout import FRONTIER_TABLE
from spinelib.plots.style import short_label
from spinelib.report.answers.answer import UseAnswer
from spinelib.report.answers.evidence import AnswerEvidence
from spinelib.runs.kinds import COMMON, SCRATCH, kind_of_name

COUNTED, MEASURED = "GMACs", "core-seconds in all"


def cost_answers(evidence: AnswerEvidence) -> Iterator[UseAnswer]:
    """An answer for each set of data: the whole method with the fewest multiply-adds for one image."""
    table = evidence.table(FRONTIER_TABLE)
    if table.empty:
        return
    table = table[(table["recipe"] == COMMON) & (table["metric"] == "dice")]
    table = table[table["name"].map(kind_of_name) == SCRATCH]
    for dataset, own in table.groupby("dataset", sort=False):
        rows = own.sort_values("cost", kind="stable")
        counted = rows[rows["price"] == COUNTED]
        if len(counted) > 1:
            yield _answer(evidence, str(dataset), counted, rows[rows["price"] == MEASURED])


def _answer(evidence: AnswerEvidence, dataset: str, counted: pd.DataFrame, trained: pd.DataFrame) -> UseAnswer:
    least, most = counted.iloc[0], counted.iloc[-1]
    best = counted.iloc[int(counted["score"].argmax())]
    name = short_label(least["name"])
    verdict = f"{name} needs the fewest multiply-adds for one image: {least['cost']:.2g} billion."
    found = [f"{short_label(most['name'])} needs {most['cost'] / least['cost']:.1f} times as many."]
    if best["name"] == least["name"]:
        found.append(f"It also has the highest mean Dice of these trainings, {least['score']:.3f}.")
    else:
        gap = best["score"] - least["score"]
        found.append(
            f"Its mean Dice, {least['score']:.3f}, is {gap:.3f} below the highest, that of {short_label(best['name'])}."
        )
    if len(trained):
        quickest = trained.iloc[0]
        found.append(f"Shortest training: {short_label(quickest['name'])}, {quickest['cost']:.0f} seconds of one core.")
    sure = "Multiply-adds are counted from the network, so that they are certain; differences of Dice are not."
    on = f"Networks as they were run on {dataset}."
    return UseAnswer(
        f"Which network is cheapest ({evidence.images(dataset)}, {dataset})?",
        verdict,
        found,
        sure,
        on,
        evidence.question(FRONTIER_TABLE),
        told=True,
    )
