"""Whether the probabilities of a map can be believed: calibration by patient, entropy and error."""

from spinelib.questions.confidence.asked import ask_confidence
from spinelib.questions.confidence.figures import entropy_and_error, reliability_diagrams
from spinelib.questions.confidence.tables import confidence_board, patient_confidence, shown_board, told

__all__ = [
    "ask_confidence",
    "confidence_board",
    "entropy_and_error",
    "patient_confidence",
    "reliability_diagrams",
    "shown_board",
    "told",
]
