"""What a run is called in tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def entry(parameters: Mapping[str, Any]) -> tuple[str, str]:
    """Method and variant of a run with these parameters, as its rows name them.

    Options that were changed, fewer training films, added data, weights from an earlier run and fewer views become part
    of the variant. Which cases are tested does not: the folds of one entry together are one test.
    """
    changes = [re.sub(r"[^a-z0-9]+", "", text.lower()) for text in parameters.get("options", [])]
    changes += [f"films{parameters['train_films']}"] if parameters.get("train_films") else []
    changes += [f"with_{'_'.join(parameters['added'])}"] if parameters.get("added") else []
    changes += ["pretrained"] if parameters.get("pretrained") else []
    changes += [f"views_{'_'.join(parameters['views'])}"] if parameters.get("views") else []
    return str(parameters["method"]), "_".join([str(parameters["variant"]), *changes])
