"""What networks cost and what that buys; and what stands behind a mean Dice: films, views, structures, the metric."""

from spinelib.complexity.categories import category_errors, category_rows, sacrum_board
from spinelib.complexity.cost import convergence, courses, frontier, pareto, training_costs
from spinelib.complexity.learning import film_amounts, losses
from spinelib.complexity.networks import Network, latency_by_run, size_table, study_networks, study_timings
from spinelib.complexity.pixels import film_metrics, sensitivity_table
from spinelib.complexity.spread import patient_spread, view_spread

__all__ = [
    "Network",
    "category_errors",
    "category_rows",
    "convergence",
    "courses",
    "film_amounts",
    "film_metrics",
    "frontier",
    "latency_by_run",
    "losses",
    "pareto",
    "patient_spread",
    "sacrum_board",
    "sensitivity_table",
    "size_table",
    "study_networks",
    "study_timings",
    "training_costs",
    "view_spread",
]
