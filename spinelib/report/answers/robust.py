"""Which network loses least on worse images, and where all of them break."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from spinelib.core.layout import LOSS_TABLE
from spinelib.corruptions import CORRUPTIONS
from spinelib.plots.style import short_label
from spinelib.report.answers.answer import UseAnswer, all_of, counted_of
from spinelib.report.answers.evidence import AnswerEvidence
from spinelib.report.answers.standing import standing_of, sure_words, verdict_words
from spinelib.runs.kinds import SCRATCH, kind_of_name

MIDDLE = 3  # of five severities: what answers speak of where it was asked
NAMED = 3  # corruptions that are named


def robust_answers(evidence: AnswerEvidence) -> Iterator[UseAnswer]:
    """An answer for each set of data whose images were made worse, by the share of the clean Dice that is lost.

    No contrast judges losses, so that no network is ever called the most robust; where they break can be told.
    """
    table = evidence.table(LOSS_TABLE)
    if table.empty:
        return
    table = table[table["name"].map(kind_of_name) == SCRATCH].dropna(subset="loss")
    for dataset, rows in table.groupby("dataset", sort=False):
        severity = MIDDLE if (rows["severity"] == MIDDLE).any() else int(rows["severity"].max())
        yield _answer(evidence, str(dataset), rows[rows["severity"] == severity], severity)


def _answer(evidence: AnswerEvidence, dataset: str, rows: pd.DataFrame, severity: int) -> UseAnswer:
    by_name, by_kind = (rows.groupby(column)["loss"].mean().sort_values() for column in ("name", "condition"))
    entries = list(map(str, by_name.index))
    found = standing_of(entries, evidence.contrasts.head(0), evidence.trainings(dataset, entries))
    worst = by_kind.iloc[::-1].head(NAMED)
    breaks = ", ".join(f"{_title(str(kind))} {loss:.0%}" for kind, loss in worst.items())
    told = [f"Share of the clean Dice that is lost, on average over {counted_of(len(entries), 'network')}: {breaks}."]
    if len(entries) > 1:
        first, last = short_label(entries[0]), short_label(entries[-1])
        told.append(
            f"In these trainings {first} loses least over {counted_of(len(by_kind), 'kind')} of damage "
            f"({by_name.iloc[0]:.1%}), {last} most ({by_name.iloc[-1]:.1%})."
        )
    order = verdict_words(found, "loses least", among_others=True)
    most = worst[worst >= worst.iloc[0] / 2].index
    verdict = f"The worst damage: {all_of([_title(str(kind)) for kind in most])}. {order}"
    on = f"{evidence.cases_of(dataset, int(rows['n'].max()))[:-1]}, made worse on purpose (severity {severity} of 5)."
    return UseAnswer(
        f"Where do networks break ({evidence.images(dataset)}, {dataset})?",
        verdict,
        told,
        sure_words(found),
        on,
        evidence.question(LOSS_TABLE),
    )


def _title(kind: str) -> str:
    return CORRUPTIONS[kind].title if kind in CORRUPTIONS else kind
