"""Whether the answer to a film or a volume is given: ok, doubtful or refused, the reason, a confidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from spinelib.apply.gate.answers import AnswerType, answer_type
from spinelib.apply.gate.record import OK, REFUSED, AnswerGate
from spinelib.apply.gate.rule import Rule

if TYPE_CHECKING:
    from spinelib.prediction.predictor import Predictor


@dataclass(frozen=True)
class Judgement:
    """What becomes of an answer.

    status: OK, DOUBTFUL or REFUSED; reason: why, in words, "" for OK; confidence: probability in 0..1 that the answer
    is right (`AnswerType`), 0 where there is none, NaN without a gate; remedy: for what is refused, else "".
    """

    status: str
    reason: str
    confidence: float
    remedy: str = ""


UNJUDGED = Judgement(OK, "", float("nan"))


def judge_answer(predictor: Predictor, found: Any) -> Judgement:
    """Judge an OutlinedFilm or OutlinedVolume by the gate in the network's folder; UNJUDGED without one.

    Raises BadInput for a damaged gate, and for that of other weights.
    """
    answers = answer_type(predictor.card)
    if answers is None:
        return UNJUDGED
    gate = AnswerGate.read(predictor.folder, predictor.card.weights, answers.signs)
    if gate is None:
        return UNJUDGED
    return judge_signs(answers, gate, answers.measure(predictor, found), found)


def judge_signs(answers: AnswerType, gate: AnswerGate, signs: Mapping[str, float] | None, found: Any) -> Judgement:
    """The judgement of an answer `found` whose signs are known; None where there is nothing to judge."""
    if signs is None:
        return Judgement(REFUSED, answers.nothing(found), 0.0, answers.remedy)
    sure = float(gate.sure.chance([_row(gate.sure, signs)])[0])
    readable = float(gate.readable.chance([_row(gate.readable, signs)])[0])
    status = gate.status(readable, sure)
    if status == OK:
        return Judgement(OK, "", sure)
    if status == REFUSED or readable < gate.doubt:
        reason = reason_of(answers, gate.readable, signs)
        return Judgement(status, reason, sure, answers.remedy if status == REFUSED else "")
    chance = f"{answers.right} with a probability of only {sure:.0%}"
    return Judgement(status, f"{chance}: {reason_of(answers, gate.sure, signs)}", sure)


def reason_of(answers: AnswerType, rule: Rule, signs: Mapping[str, float]) -> str:
    """What the sign says that speaks most against an answer."""
    name = rule.names[int(np.argmax(rule.against(_row(rule, signs))))]
    return answers.signs[name].format(signs[name])


def _row(rule: Rule, signs: Mapping[str, float]) -> Sequence[float]:
    return [signs[name] for name in rule.names]
