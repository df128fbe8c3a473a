"""Who may stand first: the entries that no verdict puts behind another, or why nothing can be told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from spinelib.plots.style import short_label
from spinelib.report.answers.answer import all_of, counted_of
from spinelib.statistics.contrast_verdicts import BETTER, LEVEL, OPEN, WORSE

NOTHING, ALONE, ONCE, UNASKED = "nothing learned", "alone", "trained once", "not asked"
FIRST, TOGETHER = "first", "together"
UNTOLD = {
    NOTHING: "no network has learned anything here.",
    ONCE: "every network was trained once, and training it again changes its score.",
    UNASKED: "no comparison of these networks was named before they were trained.",
}


class Standing(NamedTuple):
    """Why something can be told or not (one of the words above); who may stand first; how much was asked and judged."""

    why: str
    first: list[str]
    behind: list[str]
    asked: int = 0
    judged: int = 0
    trainings: int = 1

    @property
    def told(self) -> bool:
        """Whether the contrasts say anything of the order."""
        return self.why == FIRST or (self.why == TOGETHER and bool(self.behind))


def standing_of(entries: Sequence[str], contrasts: pd.DataFrame, trainings: int, *, nothing: bool = False) -> Standing:
    """Which of `entries` (method/variant) may be the best by some contrasts of one score on one set of data.

    trainings: of the entry that has fewest; nothing: whether no entry has learned anything. An entry that one contrast
    puts behind another of them is not first; of one that was never judged nothing is known, so that it may be.
    """
    own = contrasts[contrasts["one"].isin(entries) & contrasts["other"].isin(entries)]
    judged = own[own["verdict"].isin([BETTER, WORSE, OPEN])]
    counts = {"asked": len(own), "judged": len(judged), "trainings": trainings}
    if nothing or len(entries) < 2:
        return Standing(NOTHING if nothing else ALONE, list(entries), [], **counts)
    if judged.empty:
        return Standing(ONCE if trainings < 2 else UNASKED, list(entries), [], **counts)
    lost = {*judged["other"][judged["verdict"] == BETTER], *judged["one"][judged["verdict"] == WORSE]}
    first = [name for name in entries if name not in lost] or list(entries)
    behind = [name for name in entries if name not in first]
    return Standing(FIRST if len(first) == 1 else TOGETHER, first, behind, **counts)


def verdict_words(found: Standing, does: str, *, among_others: bool = False) -> str:
    """The verdict in a sentence; does: what the best one does, as ``outlines best``.

    among_others: another sentence stands in front, so that this one names what cannot be told.
    """
    if found.why in UNTOLD:
        untold = f"Which network {does} cannot be told" if among_others else "Cannot be told"
        return f"{untold}: {UNTOLD[found.why]}"
    first = all_of([short_label(name) for name in found.first])
    if found.why == ALONE:
        return f"Nothing is compared: {first or 'no network'} alone was tested."
    if found.why == FIRST:
        return f"{first} {does}."
    rest = f" Behind: {all_of([short_label(name) for name in found.behind])}." if found.behind else ""
    return f"Cannot be told apart: {first}.{rest}"


def sure_words(found: Standing) -> str:
    """What a verdict rests on, in a sentence."""
    if found.why in (NOTHING, ALONE):
        return ""
    if not found.asked:
        times = "once" if found.trainings < 2 else f"at least {found.trainings} times"
        return f"No comparison by this score was named beforehand; each was trained {times}."
    asked = f"{counted_of(found.asked, 'comparison')} named beforehand"
    if not found.judged:
        once = ": one training says something of itself and nothing of its method" if found.trainings < 2 else ""
        return f"{asked}, none with a verdict{once}."
    return (
        f"{asked}, {found.judged} with a verdict, over patients and {counted_of(found.trainings, 'training')} a side, "
        f"with Holm's correction for all comparisons of the study at {LEVEL:.0%} together."
    )
