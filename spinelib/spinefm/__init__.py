"""SpineFM whole: stages, walk, training, reading, scores."""

from spinelib.spinefm.build import Built, build
from spinelib.spinefm.evaluate import VertebraScores, evaluate
from spinelib.spinefm.read import Film, read_films
from spinelib.spinefm.train import train

__all__ = ["Built", "Film", "VertebraScores", "build", "evaluate", "read_films", "train"]
