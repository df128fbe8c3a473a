"""Figures of the study: films with contours, scores with intervals, training curves, feature maps.

Every figure is a matplotlib Figure that the caller shows or saves; colours come from `style` and are the same
for a structure or a method wherever it appears.
"""

from spinelib.plots.cases import comparisons, examples, extremes
from spinelib.plots.cobb import cobb_films, cobb_overlay, confidence_error, end_lines
from spinelib.plots.films import (
    best_median_worst,
    feature_maps,
    film_grid,
    overlay,
    overlay_legend,
    side_by_side,
    stages,
)
from spinelib.plots.forest_plot import forest
from spinelib.plots.scores import by_view, distribution, leaderboard_figure, paired_differences
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
from spinelib.plots.volumes import slice_figure, slices, volume_cases

__all__ = [
    "CORNER",
    "PREDICTION",
    "REFERENCE",
    "best_median_worst",
    "by_view",
    "cobb_films",
    "cobb_overlay",
    "comparisons",
    "confidence_error",
    "distribution",
    "end_lines",
    "examples",
    "extremes",
    "feature_maps",
    "film_grid",
    "forest",
    "label",
    "leaderboard_figure",
    "learning_curves",
    "method_colour",
    "overlay",
    "overlay_legend",
    "paired_differences",
    "side_by_side",
    "slice_figure",
    "slice_viewer",
    "slices",
    "slider",
    "source_colour",
    "stages",
    "structure_colour",
    "use_style",
    "volume_cases",
]
