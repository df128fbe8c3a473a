"""What the accuracy costs."""

from spinelib.questions.complexity.cost import convergence, courses, frontier, pareto, training_costs
from spinelib.questions.complexity.losses import loss_courses, loss_curves
from spinelib.questions.complexity.networks import Network, latency_by_run, size_table, study_networks, study_timings
from spinelib.questions.complexity.rates import rate_curves, rate_trials, rate_words
from spinelib.questions.complexity.words import unbeaten

__all__ = [
    "Network",
    "convergence",
    "courses",
    "frontier",
    "latency_by_run",
    "loss_courses",
    "loss_curves",
    "pareto",
    "rate_curves",
    "rate_trials",
    "rate_words",
    "size_table",
    "study_networks",
    "study_timings",
    "training_costs",
    "unbeaten",
]
