"""What the two networks of Seg4Reg+ teach each other."""

from spinelib.questions.inside_seg4regplus.figures import (
    activation_maps,
    angle_routes,
    gate_features,
    gate_probabilities,
    triangle,
)
from spinelib.questions.inside_seg4regplus.joint import (
    answer_shapes,
    at_start,
    by_angle,
    consistency,
    gating,
    look,
    loss_terms,
    map_columns,
    pictures,
    route_table,
    two_routes,
)
from spinelib.questions.inside_seg4regplus.released_choices import released_table

__all__ = [
    "activation_maps",
    "angle_routes",
    "answer_shapes",
    "at_start",
    "by_angle",
    "consistency",
    "gate_features",
    "gate_probabilities",
    "gating",
    "look",
    "loss_terms",
    "map_columns",
    "pictures",
    "released_table",
    "route_table",
    "triangle",
    "two_routes",
]
