"""Colours of the structures of lumbar MR volumes: one table for every figure.

(C, our choice) Vertebrae are blue to green-blue, discs yellow to red-orange, the sacrum pink: families that stay apart
for colour-blind readers (as in Okabe and Ito's palette). Nineteen hues cannot all be told apart, so that levels next to
each other also differ in lightness.
"""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from typing import Final

from spinelib.core.structures import DISCS, VERTEBRAE

SACRUM: Final = "#DD77CC"
# Hue from the lowest level to the highest, then lightness of every second level and of those between, 0..1.
BLUES: Final = ((0.625, 0.475), (0.80, 0.50))
OCHRES: Final = ((0.03, 0.16), (0.74, 0.45))


def _family(names: Sequence[str], hues: tuple[float, float], lightness: tuple[float, float]) -> dict[str, str]:
    """A colour for each name, hues evenly spread."""
    colours = {}
    for k, name in enumerate(names):
        hue = hues[0] + (hues[1] - hues[0]) * k / (len(names) - 1)
        parts = colorsys.hls_to_rgb(hue, lightness[k % 2], 0.95)
        colours[name] = "#" + "".join(f"{round(255 * part):02X}" for part in parts)
    return colours


VOLUME_COLOURS: Final = {
    "S": SACRUM,
    **_family(VERTEBRAE[1:], *BLUES),
    **_family(DISCS, *OCHRES),
    # Means over structures, in figures of scores.
    "vertebrae": "#0072B2",
    "discs": "#D55E00",
}
