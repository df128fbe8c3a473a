"""What a run does, in one call each: load, divide, build, train, evaluate, as its parameters say."""

from spinelib.protocol.building import input_shape, inputs, model
from spinelib.protocol.config import RunConfig
from spinelib.protocol.data import (
    crossing_pairs,
    example,
    film_facts,
    joined,
    labels_to_draw,
    largest_angle,
    load,
    patients_told,
    problems,
    read_near_duplicates,
    read_repeat_agreement,
)
from spinelib.protocol.division import Division, divide
from spinelib.protocol.evaluation import Result, Scored, evaluate, scored_films
from spinelib.protocol.masks import score_masks
from spinelib.protocol.nnunet import Nnunet, schedule_for
from spinelib.protocol.published_metrics import metric_means, paper_metrics
from spinelib.protocol.released import released_size, stretch_table, take_released
from spinelib.protocol.scores import score_table
from spinelib.protocol.training import train

__all__ = [
    "Division",
    "Nnunet",
    "Result",
    "RunConfig",
    "Scored",
    "crossing_pairs",
    "divide",
    "evaluate",
    "example",
    "film_facts",
    "input_shape",
    "inputs",
    "joined",
    "labels_to_draw",
    "largest_angle",
    "load",
    "metric_means",
    "model",
    "paper_metrics",
    "patients_told",
    "problems",
    "read_near_duplicates",
    "read_repeat_agreement",
    "released_size",
    "schedule_for",
    "score_masks",
    "score_table",
    "scored_films",
    "stretch_table",
    "take_released",
    "train",
]
