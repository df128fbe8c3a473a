"""Words of a study's runs and questions that go together or do not: told before anything starts.

What one word alone may be is told by `spinelib.runs.ranges`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spinelib.core.errors import BadInput, closest
from spinelib.models import METHODS
from spinelib.models.method import resolve


def check_choices(file: Path, where: str, given: Mapping[str, Any]) -> None:
    """Raise BadInput for a variant, a recipe or an option that the method of a run with these parameters has not."""
    method, variant, recipe = METHODS[given["method"]], given["variant"], given.get("recipe", "common")
    if not method.named_freely and variant not in method.variants:
        raise BadInput(file, f"{where}: {method.name} has no variant '{variant}'", closest(variant, method.variants))
    if recipe not in method.recipes:
        reason = f"{where}: {method.name} has no recipe called '{recipe}'"
        raise BadInput(file, reason, f"Use {' or '.join(method.recipes)}.")
    if given.get("options"):
        _check_options(file, where, given)


def _check_options(file: Path, where: str, given: Mapping[str, Any]) -> None:
    # Loads torch: only where options are given.
    from spinelib.protocol.config import RunConfig
    from spinelib.spinefm.config import SpineConfig
    from spinelib.spinefm.program import program_of

    constructor = METHODS[given["method"]].constructor
    try:
        if not constructor:
            program_of(SpineConfig.of(given), named=True)
            return
        known = inspect.signature(resolve(constructor)).parameters.values()
        names = [one.name for one in known if one.kind is one.KEYWORD_ONLY]
        for name in RunConfig.of(given).named_options:
            if name not in names:
                raise BadInput("options", f"'{name}' is no option of {given['method']}", closest(name, names))
    except BadInput as error:
        raise BadInput(file, f"{where}: {error.file}: {error.reason}", error.remedy) from error


def check_unit(file: Path, where: str, given: Mapping[str, Any]) -> None:
    """Raise BadInput for a question with a `unit` in which its `metric` is not given."""
    metric, unit = given.get("metric"), given.get("unit")
    if metric is None or unit is None:
        return
    # Loads pandas.
    from spinelib.measures.registry import METRICS

    units = METRICS[metric.removesuffix("_pooled")].units
    if unit not in units:
        known = ", ".join(map(repr, units))
        raise BadInput(file, f"{where}: there is no '{metric}' in the unit {unit!r}", f"Its units: {known}.")
