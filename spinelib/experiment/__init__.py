"""What notebooks do, in one call each: load, divide, build, train, score. Everything is driven by the parameters."""

from spinelib.experiment.data import (
    angles,
    crossing_pairs,
    film_facts,
    largest_angle,
    load,
    near_duplicates,
    problems,
    repeat_agreement,
)
from spinelib.experiment.learn import (
    Division,
    channels,
    divide,
    example,
    inputs,
    method_of,
    model,
    present,
    stage_probabilities,
    train,
)
from spinelib.experiment.score import Result, Scored, evaluate, score_table, scored_films

__all__ = [
    "Division",
    "Result",
    "Scored",
    "angles",
    "channels",
    "crossing_pairs",
    "divide",
    "evaluate",
    "example",
    "film_facts",
    "inputs",
    "largest_angle",
    "load",
    "method_of",
    "model",
    "near_duplicates",
    "present",
    "problems",
    "repeat_agreement",
    "score_table",
    "scored_films",
    "stage_probabilities",
    "train",
]
