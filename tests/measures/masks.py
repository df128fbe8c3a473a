"""Masks for the tests of the metrics: random, degenerate, and a spine-like band."""

import numpy as np
from scipy import ndimage


def blob(shape, seed, smooth=2.0):
    """A random mask with ragged parts, the same for the same seed."""
    noise = np.random.default_rng(seed).normal(size=shape)
    return ndimage.gaussian_filter(noise, smooth) > 0.05


def box(shape, *bounds):
    """A filled box: one (start, stop) per axis."""
    mask = np.zeros(shape, bool)
    mask[tuple(slice(*b) for b in bounds)] = True
    return mask


def pairs(shape):
    """Pairs of masks of one shape, neither empty, by name."""
    full, low, high = np.ones(shape, bool), *(np.zeros(shape, bool) for _ in range(2))
    low[(0,) * len(shape)] = high[(-1,) * len(shape)] = True
    middle = box(shape, *((n // 4, 3 * n // 4) for n in shape))
    return {
        "random": (blob(shape, 1), blob(shape, 2)),
        "noise": (blob(shape, 3, 0), blob(shape, 4, 0)),
        "similar": (middle, ndimage.binary_dilation(middle)),
        "equal": (middle, middle),
        "full and full": (full, full),
        "full and middle": (full, middle),
        "touching the border": (box(shape, *((0, n // 2) for n in shape)), middle),
        "single pixels far apart": (low, high),
        "single pixel and blob": (low, blob(shape, 5)),
        "side by side": (
            box(shape, *((0, 3) for _ in shape)),
            box(shape, (3, 6), *((0, 3) for _ in shape[1:])),
        ),
    }
