"""SpineFM as a run of a study: its stages trained, its vertebrae read and scored, as parameters say."""

from spinelib.vertebrae.build import Built, build
from spinelib.vertebrae.evaluate import VertebraScores, evaluate
from spinelib.vertebrae.look import (
    decision,
    example_film,
    instance_board,
    level_board,
    stops,
    time_shares,
    walk_table,
    weakest,
    work,
)
from spinelib.vertebrae.read import Film, read_films
from spinelib.vertebrae.train import train

__all__ = [
    "Built",
    "Film",
    "VertebraScores",
    "build",
    "decision",
    "evaluate",
    "example_film",
    "instance_board",
    "level_board",
    "read_films",
    "stops",
    "time_shares",
    "train",
    "walk_table",
    "weakest",
    "work",
]
