"""The class of every pixel of a film from logits on the grid of a network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.frame import Frame

# Logits of a film in native px that are held at a time.
HELD = 2**23


def native_map(scores: NDArray[np.float32], frame: Frame) -> NDArray[np.uint8]:
    """Class map uint8 [H, W] in native px from logits [K, h, w] on the letterboxed grid of `frame`.

    Bilinear between the grid pixels that show the film; one channel is foreground where its logit is at least 0.
    """
    top, left, high, wide = frame.place
    film = scores[:, top : top + high, left : left + wide]
    native_h, native_w = frame.native
    columns = np.arange(native_w) * frame.scale + frame.offset_x - left
    rows = np.arange(native_h) * frame.scale + frame.offset_y - top
    across = _between(film, columns, 2)
    out = np.zeros(frame.native, np.uint8)
    step = max(1, HELD // (len(scores) * native_w))
    for begin in range(0, native_h, step):
        part = _between(across, rows[begin : begin + step], 1)
        out[begin : begin + step] = part[0] >= 0 if len(part) == 1 else part.argmax(0)
    return out


def _between(values: NDArray[np.float32], at: NDArray[np.floating], axis: int) -> NDArray[np.float32]:
    """Values of [K, h, w] at fractional positions `at` of one axis; beyond the ends the end itself."""
    last = values.shape[axis] - 1
    at = np.clip(at, 0, last)
    low = np.minimum(np.floor(at).astype(np.intp), max(last - 1, 0))
    share = (at - low).astype(np.float32).reshape(-1, *(1,) * (2 - axis))
    first = values.take(low, axis)
    return np.asarray(first + (values.take(np.minimum(low + 1, last), axis) - first) * share, np.float32)
