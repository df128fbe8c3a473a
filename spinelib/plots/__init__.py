"""Figures of the study: films with contours, scores with intervals, training curves, feature maps.

Every figure is a matplotlib Figure that the caller shows or saves; colours come from `style` and are the same
for a structure or a method wherever it appears.
"""

from spinelib.plots.activation import activation_maps, angle_routes, gate_chances, gate_features, triangle
from spinelib.plots.agreement import angle_errors, bland_altman, predicted_reference, severity_matrix
from spinelib.plots.amounts import training_amounts
from spinelib.plots.attention import channel_shares, gates, voxel_looks
from spinelib.plots.branches import branch_maps, branch_weights
from spinelib.plots.cases import comparisons, examples, extremes
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
from spinelib.plots.levels import structure_scores
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
from spinelib.plots.viewer import slice_viewer, slider
from spinelib.plots.volume_facts import mixed_slices, structure_strips
from spinelib.plots.volumes import slice_figure, slices, volume_cases

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
    "channel_shares",
    "cobb_films",
    "cobb_overlay",
    "comparisons",
    "confidence_error",
    "distribution",
    "end_lines",
    "examples",
    "extremes",
    "fact_histograms",
    "feature_maps",
    "film_grid",
    "gate_chances",
    "gate_features",
    "gates",
    "label",
    "leaderboard",
    "learning_curves",
    "method_colour",
    "mixed_sheet",
    "mixed_slices",
    "overlay",
    "overlay_legend",
    "paired_differences",
    "predicted_reference",
    "rank_lines",
    "severity_matrix",
    "side_by_side",
    "slice_figure",
    "slice_viewer",
    "slices",
    "slider",
    "source_colour",
    "stages",
    "structure_colour",
    "structure_scores",
    "structure_strips",
    "training_amounts",
    "triangle",
    "use_style",
    "volume_cases",
    "voxel_looks",
]
