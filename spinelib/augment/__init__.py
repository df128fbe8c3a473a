"""From stored grey levels to what a network sees: normalisation and batched augmentation, on CPU and GPU alike."""

from spinelib.augment.augment import Augment, Moved
from spinelib.augment.elastic import Elastic
from spinelib.augment.geometry import Geometry, warp
from spinelib.augment.intensity import Intensity
from spinelib.augment.normalisation import film_area, input_channels, normalise

__all__ = [
    "Augment",
    "Elastic",
    "Geometry",
    "Intensity",
    "Moved",
    "film_area",
    "input_channels",
    "normalise",
    "warp",
]
