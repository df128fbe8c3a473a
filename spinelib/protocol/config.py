"""The typed configuration of a run: the one place that reads the parameters of a notebook that trains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import yaml

from spinelib.core.errors import BadInput
from spinelib.core.names import SHORTENED, USUAL_PRECISION, current_names, entry
from spinelib.core.written_yaml import load_yaml
from spinelib.models import METHODS
from spinelib.models.method import resolve

if TYPE_CHECKING:
    from spinelib.runs import Run
    from spinelib.training import PaperRecipe


@dataclass(frozen=True)
class RunConfig:
    """The parameters of a training notebook by name; a notebook that lacks one means the value given here.

    grid: on which all is scored, rows and columns, slices before them; own_grid: what the network sees instead; window:
    what it sees at once of a volume; options: texts like "steps=3"; augmentation_strength: share of the
    recipe's turns, scales and shifts; flip: predict the mirrored film as well; local: second channel with local
    contrast. Empty means none, and 0 means all or no limit, as the notebooks say beside each parameter.
    """

    method: str = ""
    variant: str = "full"
    options: tuple[str, ...] = ()
    width: float = 1.0
    trained_on: str = ""
    tested_on: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    data: str = ""
    views: tuple[str, ...] = ()
    grid: tuple[int, ...] = ()
    own_grid: tuple[int, ...] = ()
    window: tuple[int, ...] = ()
    recipe: str = "common"
    epochs: float = 0
    learning_rate: float = 0.0
    batch: int = 0
    ema: float = 0.0
    augmentation_strength: float = 1.0
    flip: bool = False
    local: bool = True
    precision: str = USUAL_PRECISION
    compiled: str = ""
    hours: float = 0.0
    scheme: str = "split"
    fold: int = 0
    folds: int = 1
    train_films: int = 0
    pretrained: str = ""
    new_head: bool = False
    development: tuple[str, ...] = ()
    network: str = ""
    masks: str = ""

    def __post_init__(self) -> None:
        if self.window and (len(self.window) != 3 or min(self.window) < 1):
            reason = f"{list(self.window)} is no window"
            raise BadInput("window", reason, "Give slices, rows and columns, or nothing.")
        if self.own_grid and self.grid and len(self.own_grid) != len(self.grid):
            reason = f"is {list(self.own_grid)}, and all is scored on {list(self.grid)}"
            raise BadInput("own_grid", reason, "Give as many numbers.")

    @classmethod
    def of(cls, run: Run | Mapping[str, Any]) -> Self:
        """The configuration of a run, or of its parameters, former names included; other parameters are not read."""
        given = current_names(run if isinstance(run, Mapping) else run.parameters)
        known = {field.name for field in fields(cls)}
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in given.items() if k in known}
        return cls(**values)

    @property
    def entry(self) -> tuple[str, str]:
        """Method and variant as the rows of a run name them (`spinelib.core.names`)."""
        return entry(vars(self))

    @property
    def dims(self) -> int:
        """2 for films, 3 for volumes."""
        return len(self.grid)

    @cached_property
    def paper_recipe(self) -> PaperRecipe | None:
        """The paper's own recipe of the method, when that is the run's recipe; None for the common recipe.

        A shortened one takes epochs, batch and learning rate (0: its own) from the run, and the study's grid. With
        fewer films (`train_films`) more epochs of the run count, too: an equal number of steps wants them.
        Raises BadInput for a recipe that the method does not have.
        """
        if self.recipe == "common":
            return None
        path = METHODS[self.method].published
        if self.recipe not in ("published", SHORTENED) or not path:
            remedy = "Use recipe: common; its registry entry names a paper's recipe where there is one."
            raise BadInput("recipe", f"{self.method} has no recipe called {self.recipe!r}", remedy)
        published: PaperRecipe = resolve(path)
        if self.recipe == SHORTENED:
            return published.shortened(self.epochs, self.batch, self.learning_rate)
        if self.train_films and self.epochs > published.recipe.epochs:
            return replace(published, recipe=replace(published.recipe, epochs=self.epochs))
        return published

    @property
    def input_grid(self) -> tuple[int, ...]:
        """Rows and columns (slices before them) of the network's input.

        That of a published recipe, else the run's `own_grid`, else the study's grid, on which all are scored.
        """
        own = self.paper_recipe
        return tuple(own.grid if own and own.grid else self.own_grid or self.grid)

    @property
    def local_contrast(self) -> bool:
        """Whether the network sees a second channel with local contrast: films only (C, our choice)."""
        own = self.paper_recipe
        return own.recipe.local if own else self.dims == 2 and self.local

    @property
    def keywords(self) -> dict[str, Any]:
        """Keyword arguments of the network: `named_options`, and two channels where a paper's recipe has them.

        Options that say otherwise are kept. Raises BadInput for a text that is no option.
        """
        own = self.paper_recipe
        return {**({"two_channels": True} if own and own.two_channels else {}), **self.named_options}

    @property
    def named_options(self) -> dict[str, Any]:
        """The `options` as keyword arguments; raises BadInput for a text that is no option."""
        found: dict[str, Any] = {}
        for text in self.options:
            name, separator, value = text.partition("=")
            if not separator or not name.strip().isidentifier():
                raise BadInput("options", f"{text!r} is no option", "Write 'name=value', as in 'steps=3'.")
            if name.strip() in found:
                raise BadInput("options", f"'{name.strip()}' is given twice", "Keep one of them.")
            found[name.strip()] = _value(text, value)
        return found

    @property
    def lasting_options(self) -> dict[str, Any]:
        """What the card of the run's network keeps of its `keywords` (`spinelib.models.method.Method.lasting`)."""
        return METHODS[self.method].lasting(self.variant, self.keywords)


def _value(option: str, text: str) -> Any:
    try:
        return load_yaml(text)
    except yaml.YAMLError as error:
        raise BadInput("options", f"{option!r} has no value that can be read", "Write it as in 'steps=3'.") from error
