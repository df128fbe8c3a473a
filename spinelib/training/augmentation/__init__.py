"""Random changes of a batch of films or volumes on the device it lies on: geometry, deformation, grey levels."""

from spinelib.training.augmentation.augment import Augment, Moved
from spinelib.training.augmentation.elastic import Elastic
from spinelib.training.augmentation.geometry import Geometry, warp
from spinelib.training.augmentation.intensity import Intensity

__all__ = ["Augment", "Elastic", "Geometry", "Intensity", "Moved", "warp"]
