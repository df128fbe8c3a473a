"""Whether the order of the methods on one kind of images holds on another."""

from spinelib.questions.generalisation.entry_standings import (
    across_data,
    gather_studies,
    ranked,
    ranked_recipe,
    standings,
    study_means,
    training_settings,
    worst_film,
)
from spinelib.questions.generalisation.figures import metric_planes, rank_lines
from spinelib.questions.generalisation.paper import (
    beside_paper,
    lung_warnings,
    miou_check,
    miou_from,
)
from spinelib.questions.generalisation.rank_agreement import order_agreement, place_of

__all__ = [
    "across_data",
    "beside_paper",
    "gather_studies",
    "lung_warnings",
    "metric_planes",
    "miou_check",
    "miou_from",
    "order_agreement",
    "place_of",
    "rank_lines",
    "ranked",
    "ranked_recipe",
    "standings",
    "study_means",
    "training_settings",
    "worst_film",
]
