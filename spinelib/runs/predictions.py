"""Predictions as one small file per run: class maps bit-packed where they can be, probabilities in 8 bits."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spinelib.core import files
from spinelib.core.errors import BadInput
from spinelib.core.seals import check_unchanged


@dataclass(frozen=True)
class Predictions:
    """Case names, class maps uint8 [n,*S] and, where they were kept, probabilities float32 [n,K,*S].

    angles: float32 [n,3] in degrees, of networks that answer them themselves; corners: float32 [n,V,4,2] px, NaN where
    there is none, of methods that find vertebrae one by one.
    """

    cases: tuple[str, ...]
    labels: np.ndarray
    probabilities: np.ndarray | None = None
    angles: np.ndarray | None = None
    corners: np.ndarray | None = None


def save_predictions(
    path: Path | str,
    cases: Sequence[str],
    labels: np.ndarray,
    probabilities: np.ndarray | None = None,
    angles: np.ndarray | None = None,
    corners: np.ndarray | None = None,
) -> None:
    """Write class maps uint8 [n,*S] and, on request, probabilities [n,K,*S] (0..1, kept in steps of 1/255).

    angles: [n,3] in degrees, where the network answers them itself; corners: [n,V,4,2] px, of vertebrae found one by
    one. A two-class map takes one bit per pixel before compression. The file is written whole or not at all.
    """
    parts: dict[str, np.ndarray] = {"cases": np.array(cases, dtype=str), "shape": np.array(labels.shape)}
    if labels.max(initial=0) <= 1:
        parts["bits"] = np.packbits(labels.astype(bool))
    else:
        parts["labels"] = labels.astype(np.uint8)
    if probabilities is not None:
        parts["probabilities"] = np.rint(probabilities.astype(np.float32) * 255).astype(np.uint8)
    if angles is not None:
        parts["angles"] = np.asarray(angles, dtype=np.float32)
    if corners is not None:
        parts["corners"] = np.asarray(corners, dtype=np.float32)
    with files.replace(path) as temporary:
        np.savez_compressed(temporary, allow_pickle=False, **parts)


def load_predictions(path: Path | str) -> Predictions:
    """Read what `save_predictions` wrote. Raises BadInput when the file is missing, damaged or was edited."""
    check_unchanged(Path(path), Path(path).parent.parent)
    try:
        with np.load(path) as stored:
            parts = dict(stored)
        shape = tuple(parts["shape"])
        labels = parts.get("labels")
        if labels is None:
            labels = np.unpackbits(parts["bits"], count=int(np.prod(shape))).reshape(shape)
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise BadInput(path, f"holds no predictions ({type(error).__name__})", "Run this method again.") from error
    probabilities = parts.get("probabilities")
    probabilities = None if probabilities is None else probabilities.astype(np.float32) / 255
    return Predictions(tuple(parts["cases"].tolist()), labels, probabilities, parts.get("angles"), parts.get("corners"))
