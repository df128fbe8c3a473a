"""What the registry says of one method: what it is, how to build it, what it minimises, its published recipe.

Constructors, objectives and recipes are named by import path, so that listing or checking methods stays free of torch.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any

from spinelib.core.errors import BadInput
from spinelib.core.names import SHORTENED

OWN_LAYERS = "spinelib.models.own_layers:with_own_layers"

if TYPE_CHECKING:
    from torch import Tensor, nn

    from spinelib.models.objective import Objective


@dataclass(frozen=True)
class Method:
    """One entry of the catalogue: its name, what it is, how to build it and what it minimises.

    `constructor`, `criterion`, `objective` and `loader` are import paths ``module:name``. A single network has a
    constructor, which takes in_channels, out_channels, width and the keyword arguments listed in `variants`; the
    criterion takes (outputs, target [B,*S] class map); the objective (`spinelib.models.objective.Objective` or one
    derived from it) takes (criterion, network). A pipeline of several networks that are trained one after another, with
    a notebook of its own, has no constructor here: its `variants` are switches of its own package. The loader takes a
    model card and the weights beside it, and gives the trained network (`spinelib.prediction.predictor`).
    dims: 2 for films, 3 for volumes, 0 for a method of either. `start_options` are options that name files of starting
    weights: a trained network no longer needs them. `former` are options whose usual value has changed, with the former
    one, which a model card means that does not name them; cards written since then do (`lasting`).
    `published` is the import path of the paper's own recipe (`spinelib.training.PaperRecipe`); empty when it has none.
    `programs` are the recipes besides the common one of a method that has its own way to train.
    """

    name: str
    title: str
    paper: str
    constructor: str = ""
    criterion: str = ""
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {"full": {}})
    dims: int = 2
    published: str = ""
    programs: tuple[str, ...] = ()
    objective: str = "spinelib.models.objective:Objective"
    loader: str = "spinelib.prediction.loading:load_network"
    start_options: tuple[str, ...] = ()
    former: Mapping[str, Any] = field(default_factory=dict)

    @property
    def named_freely(self) -> bool:
        """Whether its variants are names that somebody gives to what was trained or outlined elsewhere."""
        return not self.constructor and set(self.variants) == {"full"}

    @property
    def recipes(self) -> tuple[str, ...]:
        """Recipes by which it can be trained."""
        return ("common", "published", SHORTENED) if self.published else ("common", *self.programs)

    def build(self, in_channels: int, out_channels: int, width: float, **options: Any) -> nn.Module:
        """Construct the network; `options` are its keyword arguments.

        Raises BadInput for an unknown option, and for a width that is not above 0: no number of channels stands for it.
        """
        if not self.constructor:
            raise BadInput(self.name, "is a pipeline of several networks", "Use its own notebook.")
        if not 0 < width < math.inf:
            raise BadInput(self.name, f"has the width {width:g}", "Give a factor above 0 on its channel counts.")
        constructor = resolve(self.constructor)
        known = {name for name, p in inspect.signature(constructor).parameters.items() if p.kind is p.KEYWORD_ONLY}
        for name in options:
            check_choice(name, known, f"option of {self.name}")
        network = resolve(OWN_LAYERS)(constructor(in_channels, out_channels, width, **options))
        # Some options change no weight's shape: a training still has to know them (`spinelib.training.identity`).
        arguments = {"in_channels": in_channels, "out_channels": out_channels, "width": width, **options}
        network.built_as = {"method": self.name, **arguments}
        return network

    def settings(self, variant: str, options: Mapping[str, Any]) -> dict[str, Any]:
        """Every option of the network: as `options` have it, else as the variant does, else as usual.

        Records of earlier runs may name a variant that is gone: it changes nothing.
        """
        known = inspect.signature(resolve(self.constructor)).parameters.values()
        usual = {p.name: p.default for p in known if p.kind is p.KEYWORD_ONLY}
        return {**usual, **self.variants.get(variant, {}), **options}

    def lasting(self, variant: str, options: Mapping[str, Any]) -> dict[str, Any]:
        """What a card keeps of a network's `options`: all but files of starting weights; those of `former` always."""
        known = self.settings(variant, {}) if self.former else {}
        usual = {name: known[name] for name in self.former}
        return {name: value for name, value in {**usual, **options}.items() if name not in self.start_options}

    def make_objective(self, network: nn.Module, criterion: Callable[[Any, Tensor], Tensor] | None = None) -> Objective:
        """The objective (loss and validation score) to train `network` by; `criterion` replaces the method's own."""
        return resolve(self.objective)(criterion or resolve(self.criterion), network)


def check_choice(name: str, known: Iterable[str], what: str) -> None:
    """Raise BadInput, naming the closest match, unless `name` is one of `known`."""
    names = sorted(known)
    if name in names:
        return
    close = get_close_matches(name, names, n=1, cutoff=0.4)
    hint = f"Did you mean {close[0]}?" if close else f"Known: {', '.join(names) or 'none'}."
    raise BadInput(name, f"is not a known {what}", hint)


def resolve(path: str) -> Any:
    """What an import path ``module:name`` names."""
    module, _, name = path.partition(":")
    return getattr(import_module(module), name)
