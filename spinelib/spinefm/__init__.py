"""SpineFM: its stages, the walk along the spine, training, reading of films, scores."""

from spinelib.spinefm.build import Built, build_pipeline
from spinelib.spinefm.evaluate import VertebraScores, evaluate_pipeline
from spinelib.spinefm.read import FilmReading, read_films
from spinelib.spinefm.train import train_stages

__all__ = [
    "Built",
    "FilmReading",
    "VertebraScores",
    "build_pipeline",
    "evaluate_pipeline",
    "read_films",
    "train_stages",
]
