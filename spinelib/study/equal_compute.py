"""Widths at which networks compute alike: ``compute: GMAC`` in a study file, in place of a width.

(C, our choice) A network's width is searched in steps of a thousandth until the multiply-adds of one prediction,
counted at its own input, are those asked for within 5 %; most come within 1 %, and boards say how far their entries lie
apart. Channels are whole numbers, so that narrow networks may have no such width: that is said with the nearest one,
and nothing runs. Counting needs torch: what was found is kept in the study's folder.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinelib.core.errors import BadInput
from spinelib.core.files import digest, write_text
from spinelib.core.layout import StudyFolder
from spinelib.core.seals import read_sealed, sealed
from spinelib.models import NETWORKS
from spinelib.runs import machine
from spinelib.runs.own import is_own_study

if TYPE_CHECKING:
    from spinelib.protocol.config import RunConfig

COMPUTE, WIDTH = "compute", "width"
STEPS = 1000  # of a width of 1; names of runs show all of its digits
LEAST, FIRST, MOST = 0.01, 0.25, 8.0


class EqualCompute:
    """Finds the widths of the networks of a study file; `defaults`: its defaults, `folder`: of the study's results."""

    def __init__(self, file: Path, defaults: Mapping[str, Any], folder: StudyFolder) -> None:
        self.file, self.defaults, self.folder = file, defaults, folder
        self._found: dict[str, float] = {}

    def asked(self, entry: Mapping[str, Any], method: str, where: str) -> float:
        """The GMAC of one prediction that a run's entry wants of `method`; 0: its width is given.

        The entry's own word counts before the study's defaults, which say nothing of what is no single network and of a
        published recipe, whose width is the paper's. Raises BadInput for a width and a compute in one place, and for a
        compute that is no number above 0.
        """
        if COMPUTE in entry and WIDTH in entry:
            raise BadInput(self.file, f"{where} has both '{WIDTH}' and '{COMPUTE}'", "Keep one of them.")
        if COMPUTE in entry and method not in NETWORKS:
            reason = f"{where} gives '{COMPUTE}' to '{method}', which is no single network"
            raise BadInput(self.file, reason, f"Leave it out, or give '{WIDTH}'.")
        if COMPUTE in self.defaults and WIDTH in self.defaults:
            raise BadInput(self.file, f"the defaults have both '{WIDTH}' and '{COMPUTE}'", "Keep one of them.")
        recipe = entry.get("recipe", self.defaults.get("recipe"))
        if WIDTH in entry or method not in NETWORKS or (recipe == "published" and COMPUTE not in entry):
            return 0.0
        gmac = entry.get(COMPUTE, self.defaults.get(COMPUTE, 0.0))
        if COMPUTE in {**self.defaults, **entry} and (
            isinstance(gmac, bool) or not isinstance(gmac, int | float) or gmac <= 0
        ):
            raise BadInput(self.file, f"'{COMPUTE}' in {where} is {gmac!r}", "Give GMAC for one film, as in 1.5.")
        return float(gmac)

    def width(self, gmac: float, parameters: Mapping[str, Any], dataset: str) -> float:
        """The width at which a run with these parameters, on data of the kind `dataset`, computes `gmac`.

        Raises BadInput where no width comes near enough, naming the nearest.
        """
        from spinelib.protocol.config import RunConfig

        config = replace(RunConfig.of(parameters), width=1.0)
        # Only widths that were counted by this very code are taken from the file.
        code, about = machine.code()["code"], (config.method, config.variant, config.input_grid, config.local_contrast)
        key = digest(code, dataset, repr((gmac, *about, sorted(config.lasting_options.items()))))
        if key not in self._found:
            known = (read_sealed(self.folder.widths) or {}) if self.folder.widths.exists() else {}
            self._found[key] = float(known[key]) if key in known else self._searched(gmac, config, dataset)
            if key not in known and is_own_study(self.folder.root):
                write_text(self.folder.widths, json.dumps(sealed({**known, key: self._found[key]}), indent=1) + "\n")
        return self._found[key]

    def _searched(self, gmac: float, config: RunConfig, dataset: str) -> float:
        from spinelib.runs.kinds import EQUAL
        from spinelib.study.operations import built_arguments, built_size

        def count(width: float) -> float:
            return built_size(*built_arguments(replace(config, width=width), dataset))[1] / 2e9

        width, found = nearest_width(count, gmac)
        if max(found / gmac, gmac / found) > EQUAL:
            said = f"{config.method} computes {found:.3g} GMAC at width {width:g}, the nearest to {gmac:g} that it has"
            raise BadInput(self.file, f"no width gives equal compute: {said}", f"Ask all for {found:.3g}, or for more.")
        return width


def nearest_width(count: Callable[[float], float], wanted: float) -> tuple[float, float]:
    """The width, in steps of 1 / STEPS, at which `count` is nearest to `wanted` in proportion, and the count there.

    `count` must not fall as the width grows. Stops early at a count within 1 %.
    """
    ends = [round(LEAST * STEPS), round(FIRST * STEPS)]
    counts = {end: count(end / STEPS) for end in ends}
    while counts[ends[1]] < wanted and ends[1] < MOST * STEPS:
        ends = [ends[1], 2 * ends[1]]
        counts[ends[1]] = count(ends[1] / STEPS)

    def away(step: int) -> float:
        return abs(math.log(counts[step] / wanted))

    while ends[1] - ends[0] > 1 and away(min(counts, key=away)) > 0.01:
        middle = _between(ends, counts, wanted, len(counts) % 3 == 1)
        counts[middle] = count(middle / STEPS)
        ends[counts[middle] > wanted] = middle
    best = min(counts, key=away)
    return best / STEPS, counts[best]


def _between(ends: list[int], counts: Mapping[int, float], wanted: float, halve: bool) -> int:
    """A step between two others: where a power law through their counts has what is wanted, or half way."""
    low, high = (math.log(end) for end in ends)
    below, above = (math.log(counts[end] / wanted) for end in ends)
    share = 0.5 if halve or not below < 0 < above else -below / (above - below)
    return min(max(round(math.exp(low + share * (high - low))), ends[0] + 1), ends[1] - 1)
