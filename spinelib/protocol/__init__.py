"""What a run does, in one call each: load, divide, build, train, evaluate, as its parameters say."""

from spinelib.protocol.building import channels, inputs, method_of, model
from spinelib.protocol.data import (
    crossing_pairs,
    drawn,
    example,
    film_facts,
    joined,
    largest_angle,
    load,
    near_duplicates,
    problems,
    repeat_agreement,
)
from spinelib.protocol.division import Division, divide
from spinelib.protocol.evaluation import Result, Scored, evaluate, scored_films
from spinelib.protocol.recipes import input_grid
from spinelib.protocol.scores import score_table
from spinelib.protocol.training import train

__all__ = [
    "Division",
    "Result",
    "Scored",
    "channels",
    "crossing_pairs",
    "divide",
    "drawn",
    "evaluate",
    "example",
    "film_facts",
    "input_grid",
    "inputs",
    "joined",
    "largest_angle",
    "load",
    "method_of",
    "model",
    "near_duplicates",
    "problems",
    "repeat_agreement",
    "score_table",
    "scored_films",
    "train",
]
