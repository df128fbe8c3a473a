"""What a study answers for each use, verdict first: outlines, Cobb angles, MR volumes, cost, robustness.

Every verdict comes from the study's contrasts (`spinelib.statistics.contrast_verdicts`). A best mean is none: networks
that were trained once, or that nobody said would be compared, cannot be told from each other, and the answer says so.
"""

from spinelib.report.answers.answer import UseAnswer
from spinelib.report.answers.evidence import AnswerEvidence
from spinelib.report.answers.uses import study_answers

__all__ = ["AnswerEvidence", "UseAnswer", "study_answers"]
