"""Answers without a network: a row of squares that a pipeline walked, and a volume of boxes."""

from __future__ import annotations

import numpy as np

from spinelib.apply.volume import GridAnswer, OutlinedVolume
from spinelib.cases.volume import Volume, canonical_affine

from ...cases.volumes import SPACING, lumbar


def boxes(labels=None, chance=0.95):
    """A volume of boxes as the answer of a network: L5 to T12 and the discs between them, unless `labels` are given."""
    image, drawn = lumbar()
    labels = drawn if labels is None else labels
    sure = np.full(labels.shape, chance, np.float32)
    grid = GridAnswer(labels, sure, np.ones(labels.shape, bool), SPACING)
    return OutlinedVolume(Volume(image, SPACING, canonical_affine(image.shape, SPACING)), labels, grid)
