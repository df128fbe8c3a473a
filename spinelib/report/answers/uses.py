"""All answers of a study, in the order in which people ask."""

from __future__ import annotations

from spinelib.report.answers.angles import angle_answers
from spinelib.report.answers.answer import UseAnswer
from spinelib.report.answers.cost import cost_answers
from spinelib.report.answers.evidence import VOLUME_IMAGES, AnswerEvidence
from spinelib.report.answers.outlines import outline_answers
from spinelib.report.answers.robust import robust_answers


def study_answers(evidence: AnswerEvidence) -> list[UseAnswer]:
    """Outlines on films, Cobb angles, outlines in volumes, cost, robustness; what was not asked has no answer."""
    outlines = list(outline_answers(evidence))
    volumes = [answer for answer in outlines if VOLUME_IMAGES in answer.use]
    films = [answer for answer in outlines if answer not in volumes]
    return [*films, *angle_answers(evidence), *volumes, *cost_answers(evidence), *robust_answers(evidence)]
