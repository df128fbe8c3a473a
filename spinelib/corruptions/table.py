"""Every corruption and what its five severities mean, in one table: a new one is a function and a line here.

(C) All levels are our choice: severity 1 is meant to be hardly seen, 3 to be seen at once and still
readable, 5 to be taken again. Lengths are given for a film or slice of 256 rows and grow with the grid. Contrast is
lost locally, as by scatter: a change of all greys by one factor would be undone by the normalisation of the input. Some
kinds are also met in training, within its own ranges: gamma, contrast, blur, noise, resolution, rotation and, rarely,
the negative.
"""

from __future__ import annotations

from collections.abc import Sequence

from spinelib.corruptions.corruption import Corruption
from spinelib.models.method import check_choice

CORRUPTIONS: dict[str, Corruption] = {
    entry.name: entry
    for entry in (
        Corruption("dose", "low dose", "exposure", (400, 100, 40, 15, 5), "counts per pixel", 2),
        Corruption("contrast", "veil", "exposure", (0.15, 0.3, 0.45, 0.6, 0.75), "local contrast lost, share"),
        Corruption("window", "clipped window", "exposure", (0.9, 0.8, 0.68, 0.55, 0.42), "pixels not clipped, share"),
        Corruption("gamma", "gamma", "exposure", (1.3, 1.6, 2.0, 2.6, 3.5), "exponent, or its inverse"),
        Corruption("inverted", "inverted greys", "exposure", (1, 1, 1, 1, 1), "no degrees", 2),
        Corruption("blur", "blur", "sharpness", (0.6, 1.0, 1.5, 2.2, 3.2), "sd, px of 256 rows"),
        Corruption("motion", "motion", "sharpness", (3, 5, 8, 12, 18), "smear, px of 256 rows", 2),
        Corruption("resolution", "resolution", "sharpness", (1.3, 1.7, 2.2, 3, 4), "times fewer rows and columns"),
        Corruption("ribs", "rib-like shadow", "objects", (0.06, 0.12, 0.18, 0.26, 0.36), "grey added, share", 2),
        Corruption("metal", "rods and screws", "objects", (1, 3, 5, 8, 12), "instrumented levels", 2),
        Corruption("markers", "markers", "objects", (1, 2, 4, 7, 11), "letters on the film", 2),
        Corruption("collimation", "collimation", "field", (0.1, 0.2, 0.3, 0.4, 0.5), "field masked, share", 2),
        Corruption("crop", "crop", "field", (0.95, 0.9, 0.82, 0.74, 0.65), "side kept, share", moves=True),
        Corruption("rotation", "rotation", "field", (3, 6, 10, 15, 22), "degrees", moves=True),
        Corruption("noise", "noise", "scanner", (0.015, 0.03, 0.05, 0.08, 0.12), "Rician sd, share of greys", 3),
        Corruption("bias", "bias field", "scanner", (0.2, 0.4, 0.65, 0.95, 1.3), "most change, natural log", 3),
        Corruption("ghosting", "ghosting", "scanner", (0.08, 0.16, 0.26, 0.4, 0.6), "ghost, share of the image", 3),
        Corruption("spacing", "thick slices", "scanner", (1.5, 2, 3, 4, 6), "times thicker", 3),
    )
}


def chosen(names: Sequence[str], dims: int) -> list[Corruption]:
    """The corruptions called `names` (empty: all) that images of `dims` axes meet, in the order of the table.

    Raises BadInput, naming the closest match, for an unknown name.
    """
    for name in names:
        check_choice(name, CORRUPTIONS, "corruption")
    return [entry for entry in CORRUPTIONS.values() if (not names or entry.name in names) and entry.fits(dims)]
