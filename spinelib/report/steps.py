"""How a study was made, as the steps of a drawing: images, split, training, test, comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from spinelib.report.answers.answer import counted_of
from spinelib.report.conduct import Conduct
from spinelib.report.leaderboard import TESTED, Board
from spinelib.report.publish.about import origin_facts
from spinelib.report.words import number


class ProtocolStep(NamedTuple):
    """One box of the drawing: what is done, and what it was here."""

    title: str
    words: str


def banner_words(banner: str, records: Mapping[str, Mapping[str, Any]]) -> str:
    """The banner of a study with how many steps its trainings took, as their records say; records: as of runs by name.

    A banner is written before anything ran: what it would say of steps need not come true.
    """
    known = _steps(records)
    if not banner or not known:
        return banner
    return f"{banner}. {' to '.join(dict.fromkeys(map(number, (known[0], known[-1]))))} training steps a network"


def _steps(records: Mapping[str, Mapping[str, Any]]) -> list[int]:
    """How many steps trainings took, each number once."""
    facts = [(record.get("facts") or {}).get("training") or {} for record in records.values()]
    return sorted({int(one["steps"]) for one in facts if one.get("steps")})


def protocol_steps(
    data: Mapping[str, int],
    records: Mapping[str, Mapping[str, Any]],
    boards: Sequence[Board],
    conduct: Conduct,
    comparisons: int,
) -> list[ProtocolStep]:
    """The steps of a study, in order.

    data: images by name of the data; records: of its finished trainings; comparisons: how many were named beforehand.
    """
    patients: dict[str, int] = {}
    for board in boards:
        if board.split == TESTED:
            patients[board.dataset] = max(board.patients, patients.get(board.dataset, 0))
    images = [f"{name}: {number(count)} images" for name, count in data.items() if count]
    tested = [f"{name}: {counted_of(count, 'patient')} tested" for name, count in patients.items()]
    budget = dict(origin_facts(records, {}))
    taught = [budget["budget"]] if records else []
    taught += [f"seeds {budget['seeds']}"] if "seeds" in budget and _steps(records) else []
    most = max((one.most for one in conduct.sets), default=0)
    scored = "; every run scored its test cases once" if most == 1 else ""
    steps = [
        ProtocolStep("Images", "; ".join(images)),
        ProtocolStep("Split by patient", "; ".join(tested)),
        ProtocolStep("Train", ", ".join(taught)),
        ProtocolStep("Test", f"outlines and angles against the reference{scored}" if patients else ""),
        ProtocolStep("Compare", f"{counted_of(comparisons, 'comparison')} named beforehand" if comparisons else ""),
    ]
    return [step for step in steps if step.words]
