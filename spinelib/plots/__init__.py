"""Figures of the study: films with contours, scores with intervals, training curves, feature maps.

Every figure is a matplotlib Figure that the caller shows or saves; colours come from `style` and are the same
for a structure or a method wherever it appears.
"""

from spinelib.plots.activation import activation_maps, angle_routes, gate_chances, gate_features, triangle
from spinelib.plots.agreement import angle_errors, bland_altman, predicted_reference, severity_matrix
from spinelib.plots.amounts import training_amounts
from spinelib.plots.branches import branch_maps, branch_weights
from spinelib.plots.cobb import cobb_films, cobb_overlay, confidence_error, end_lines
from spinelib.plots.data import fact_histograms, mixed_sheet
from spinelib.plots.films import (
    best_median_worst,
    feature_maps,
    film_grid,
    overlay,
    overlay_legend,
    side_by_side,
    stages,
)
from spinelib.plots.generalise import rank_lines
from spinelib.plots.scores import by_view, distribution, leaderboard, paired_differences
from spinelib.plots.style import (
    CORNER,
    PREDICTION,
    REFERENCE,
    label,
    method_colour,
    source_colour,
    structure_colour,
    use_style,
)
from spinelib.plots.training import learning_curves

__all__ = [
    "CORNER",
    "PREDICTION",
    "REFERENCE",
    "activation_maps",
    "angle_errors",
    "angle_routes",
    "best_median_worst",
    "bland_altman",
    "branch_maps",
    "branch_weights",
    "by_view",
    "cobb_films",
    "cobb_overlay",
    "confidence_error",
    "distribution",
    "end_lines",
    "fact_histograms",
    "feature_maps",
    "film_grid",
    "gate_chances",
    "gate_features",
    "label",
    "leaderboard",
    "learning_curves",
    "method_colour",
    "mixed_sheet",
    "overlay",
    "overlay_legend",
    "paired_differences",
    "predicted_reference",
    "rank_lines",
    "severity_matrix",
    "side_by_side",
    "source_colour",
    "stages",
    "structure_colour",
    "training_amounts",
    "triangle",
    "use_style",
]
