"""SpineFM: its stages, the walk along the spine, training, reading of films, scores."""

from spinelib.spinefm.build import Built, build_pipeline
from spinelib.spinefm.config import SpineConfig
from spinelib.spinefm.evaluate import VertebraScores, evaluate_pipeline
from spinelib.spinefm.instances import has_landmarks
from spinelib.spinefm.read import FilmReading, read_films
from spinelib.spinefm.train import train_stages

__all__ = [
    "Built",
    "FilmReading",
    "SpineConfig",
    "VertebraScores",
    "build_pipeline",
    "evaluate_pipeline",
    "has_landmarks",
    "read_films",
    "train_stages",
]
