"""Augmentation that changes nothing, to switch one part of it on at a time."""

from __future__ import annotations

from dataclasses import fields

from spinelib.training.augmentation.geometry import Geometry
from spinelib.training.augmentation.intensity import Intensity

STILL = Geometry(rotation=0, scale=(1, 1), shift=0, shear=0, flip=0)
SILENT = Intensity(**{field.name: (0, *getattr(Intensity(), field.name)[1:]) for field in fields(Intensity)})
