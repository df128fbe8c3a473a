"""By which recipe a run trains, and what its network sees: grid and channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spinelib.core.errors import BadInput
from spinelib.models import METHODS
from spinelib.models.method import resolve
from spinelib.runs import Run

if TYPE_CHECKING:
    from spinelib.training import Published


def paper_recipe(run: Run) -> Published | None:
    """The paper's own recipe of the run's method, when that is the run's recipe; None for the common recipe.

    Raises BadInput for a recipe that the method does not have.
    """
    given = run.parameters
    if given.get("recipe", "common") == "common":
        return None
    path = METHODS[given["method"]].published
    if given["recipe"] != "published" or not path:
        remedy = "Use recipe: common; its registry entry names a paper's recipe where there is one."
        raise BadInput("recipe", f"{given['method']} has no recipe called {given['recipe']!r}", remedy)
    return resolve(path)


def input_grid(run: Run) -> tuple[int, ...]:
    """Rows and columns (slices before them) of the network's input.

    That of a published recipe, else the run's parameter `own_grid`, else the study's grid, on which all are scored.
    """
    own = paper_recipe(run)
    return tuple(own.grid if own and own.grid else run.parameters.get("own_grid") or run.parameters["grid"])


def local_contrast(run: Run) -> bool:
    """Whether the network sees a second channel with local contrast; of films only (C), volumes have one channel."""
    own = paper_recipe(run)
    return own.recipe.local if own else on_films(run) and bool(run.parameters.get("local", True))


def on_films(run: Run) -> bool:
    """Whether the run is on films, not on volumes: its grid has no slices."""
    return len(run.parameters["grid"]) == 2
