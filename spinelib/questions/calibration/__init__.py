"""How far the tests and intervals of this study can be trusted, tried where the truth is known."""

from spinelib.questions.calibration.figures import promise_lines, wrong_analysis_lines
from spinelib.questions.calibration.words import trusted

__all__ = ["promise_lines", "trusted", "wrong_analysis_lines"]
