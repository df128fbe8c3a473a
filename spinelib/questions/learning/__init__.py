"""What stands behind a mean: how many films, which metric, which view, which structure."""

from spinelib.questions.learning.amount_figures import amount_lines
from spinelib.questions.learning.amounts import training_amounts
from spinelib.questions.learning.categories import category_errors, category_rows, sacrum_board
from spinelib.questions.learning.films import film_amounts, film_gains, film_losses
from spinelib.questions.learning.pixels import film_metrics, sensitivity_table
from spinelib.questions.learning.spread import view_spread, view_spread_rows

__all__ = [
    "amount_lines",
    "category_errors",
    "category_rows",
    "film_amounts",
    "film_gains",
    "film_losses",
    "film_metrics",
    "sacrum_board",
    "sensitivity_table",
    "training_amounts",
    "view_spread",
    "view_spread_rows",
]
