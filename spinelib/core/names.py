"""What a run is called in tables, and what its parameters were called in earlier versions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# The number format and memory layout of every training, unless a study or a run says otherwise.
USUAL_PRECISION = "bfloat16+channels_last"
# All that there are.
PRECISIONS = ("float32", "float32+channels_last", "bfloat16", "bfloat16+channels_last")
# Of a study whose runs each choose the fastest by a probe, as runs of earlier versions did: no part of a name.
PROBED_PRECISION = "auto"
# A paper's own recipe on fewer epochs or another input than the paper's, in place of "published".
SHORTENED = "shortened"
# Parameters that were renamed: what study files and records of earlier runs call them, and their name today.
FORMER = {"moves": "augmentation_strength"}
# Switches that earlier runs do not have, each by its value when it is off and its name in a variant. Names in tables
# stay what they were when a parameter is renamed.
SWITCHES = {"ema": (0, "ema"), "augmentation_strength": (1, "moves"), "flip": (False, "flip")}


def current_names(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """`parameters` in their order, each under its name of today."""
    return {FORMER.get(name, name): value for name, value in parameters.items()}


def entry(parameters: Mapping[str, Any]) -> tuple[str, str]:
    """Method and variant of a run with these parameters, as its rows name them.

    Options that were changed, fewer training films, added data, weights from an earlier run, fewer views, an input grid
    of its own, averaged weights, weaker or stronger augmentation, mirrored prediction and a number format other than
    the usual one become part of the variant.
    Which cases are tested does not: the folds of one entry together are one test. Former names of parameters count too.
    """
    parameters = current_names(parameters)
    changes = [re.sub(r"[^a-z0-9]+", "", text.lower()) for text in parameters.get("options", [])]
    changes += [f"films{parameters['train_films']}"] if parameters.get("train_films") else []
    changes += [f"with_{'_'.join(parameters['added'])}"] if parameters.get("added") else []
    changes += ["pretrained"] if parameters.get("pretrained") else []
    changes += [f"views_{'_'.join(parameters['views'])}"] if parameters.get("views") else []
    changes += [f"grid_{'x'.join(map(str, parameters['own_grid']))}"] if parameters.get("own_grid") else []
    given = {word: parameters[name] for name, (off, word) in SWITCHES.items() if parameters.get(name, off) != off}
    changes += [name if value is True else f"{name}{value:g}".replace(".", "p") for name, value in given.items()]
    precision = str(parameters.get("precision", USUAL_PRECISION))
    changes += [precision.replace("+", "_")] if precision not in (USUAL_PRECISION, PROBED_PRECISION) else []
    return str(parameters["method"]), "_".join([str(parameters["variant"]), *changes])
