"""One training loop for every method, 2-D and 3-D, CPU and GPU: recipes, exact resume, learning rates, history."""

from spinelib.training.fitting import fit
from spinelib.training.guard import Diverged
from spinelib.training.history import History
from spinelib.training.paper_recipes import PaperRecipe
from spinelib.training.rate_search import LADDER, pick_learning_rate
from spinelib.training.recipe import Recipe, for_volumes
from spinelib.training.training import Training

__all__ = [
    "LADDER",
    "Diverged",
    "History",
    "PaperRecipe",
    "Recipe",
    "Training",
    "fit",
    "for_volumes",
    "pick_learning_rate",
]
