"""Whether the answer to a film is given: ok, doubtful or refused, with the reason in words and a confidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spinelib.apply.gate.record import OK, REFUSED, AnswerGate
from spinelib.apply.gate.rule import Rule
from spinelib.apply.gate.signs import SIGNS, measure_signs

if TYPE_CHECKING:
    from spinelib.apply.film import OutlinedFilm
    from spinelib.measures.cobb.reading import Reading
    from spinelib.prediction.predictor import Predictor

REMEDY = "Give a film of the whole spine from the front, upright. If it is one, read it by hand."
LYING = "the picture is wider than high: a film on its side is turned upright first"


@dataclass(frozen=True)
class Judgement:
    """What becomes of an answer.

    status: OK, DOUBTFUL or REFUSED; reason: why, in words, "" for OK; confidence: probability in 0..1 that the
    largest angle is right within the gate's degrees, 0 where there is none, NaN without a gate.
    """

    status: str
    reason: str
    confidence: float


UNJUDGED = Judgement(OK, "", float("nan"))


def judge_film(predictor: Predictor, found: OutlinedFilm) -> Judgement:
    """Judge the answer to one film by the gate in the network's folder; UNJUDGED without one.

    Raises BadInput for a damaged gate, and for that of other weights.
    """
    gate = AnswerGate.read(predictor.folder, predictor.card.weights)
    if gate is None:
        return UNJUDGED
    return judge_signs(gate, measure_signs(predictor, found), found)


def judge_signs(gate: AnswerGate, signs: Mapping[str, float] | None, found: OutlinedFilm) -> Judgement:
    """The judgement of an answer whose signs are known; None where the reading has no angles."""
    if signs is None:
        return Judgement(REFUSED, _no_column(found.reading, found.film.place.film), 0.0)
    sure = float(gate.sure.chance([_row(gate.sure, signs)])[0])
    readable = float(gate.readable.chance([_row(gate.readable, signs)])[0])
    status = gate.status(readable, sure)
    if status == OK:
        return Judgement(OK, "", sure)
    if status == REFUSED or readable < gate.doubt:
        return Judgement(status, reason_of(gate.readable, signs), sure)
    chance = f"the largest angle is within {gate.within:g} degrees with a probability of only {sure:.0%}"
    return Judgement(status, f"{chance}: {reason_of(gate.sure, signs)}", sure)


def reason_of(rule: Rule, signs: Mapping[str, float]) -> str:
    """What the sign says that speaks most against a film."""
    name = rule.names[int(np.argmax(rule.against(_row(rule, signs))))]
    return SIGNS[name].format(signs[name])


def _row(rule: Rule, signs: Mapping[str, float]) -> Sequence[float]:
    return [signs[name] for name in rule.names]


def _no_column(reading: Reading | None, film: tuple[int, int]) -> str:
    """Why there is nothing to judge."""
    bodies = 0 if reading is None else len(reading.corners)
    words = f"no column of vertebrae: {bodies} bodies found"
    if reading is not None and reading.status == "out_of_range":
        words = f"no column of vertebrae: {reading.reason}"
    return f"{words}; {LYING}" if film[1] > film[0] else words
