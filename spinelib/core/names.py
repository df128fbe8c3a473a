"""What a run is called in tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def entry(parameters: Mapping[str, Any]) -> tuple[str, str]:
    """Method and variant of a run with these parameters, as its rows name them.

    Options that were changed, fewer training films, added data, weights from an earlier run, fewer views, an input grid
    of its own, averaged weights, other moves and mirrored prediction become part of the variant. Which cases are tested
    does not: the folds of one entry together are one test.
    """
    changes = [re.sub(r"[^a-z0-9]+", "", text.lower()) for text in parameters.get("options", [])]
    changes += [f"films{parameters['train_films']}"] if parameters.get("train_films") else []
    changes += [f"with_{'_'.join(parameters['added'])}"] if parameters.get("added") else []
    changes += ["pretrained"] if parameters.get("pretrained") else []
    changes += [f"views_{'_'.join(parameters['views'])}"] if parameters.get("views") else []
    changes += [f"grid_{'x'.join(map(str, parameters['own_grid']))}"] if parameters.get("own_grid") else []
    # Switches that earlier runs do not have: named where they are not what they were.
    usual = {"ema": 0, "moves": 1, "flip": False}
    given = {name: parameters[name] for name, off in usual.items() if parameters.get(name, off) != off}
    changes += [name if value is True else f"{name}{value:g}".replace(".", "p") for name, value in given.items()]
    return str(parameters["method"]), "_".join([str(parameters["variant"]), *changes])
