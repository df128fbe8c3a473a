"""Facts of volumes as the first notebook shows them: their sizes, what is labelled, and sizes and greys of that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import ndimage

from spinelib.cases import CaseArrays

AXES = ("slices", "rows", "columns")


def grid_of(name: str, sources: list[str], grid: list[int], grids: list[list[int]]) -> list[int]:
    """The grid of the data called `name`: its own of `grids`, which stand in the order of `sources`, else `grid`."""
    return grids[sources.index(name)] if grids else grid


def volume_facts(sets: Mapping[str, CaseArrays]) -> pd.DataFrame:
    """One row per volume: native size, voxel size and field of view in mm, number of labelled structures."""
    tables = []
    for name, arrays in sets.items():
        scale, native = arrays.frames[:, :3].astype(float), arrays.frames[:, 6:9].astype(int)
        spacing = arrays.spacing * scale
        about: dict[str, Any] = {"data": name}
        about |= {axis: native[:, k] for k, axis in enumerate(AXES)}
        about |= {f"{axis[:-1]} mm": spacing[:, k].round(3) for k, axis in enumerate(AXES)}
        about |= {"height mm": (native * spacing)[:, 1].round(1), "depth mm": (native * spacing)[:, 2].round(1)}
        about["labelled"] = arrays.known.sum(1)
        tables.append(arrays.table[["case", "patient", "split"]].assign(**about))
    return pd.concat(tables, ignore_index=True)


def labelled_table(sets: Mapping[str, CaseArrays]) -> pd.DataFrame:
    """Volumes in which each structure is labelled, and in which it is seen: one row per structure."""
    columns: dict[tuple[str, str], pd.Series] = {}
    for name, arrays in sets.items():
        seen = [(arrays.labels == k).any(axis=(1, 2, 3)) for k in range(1, len(arrays.classes) + 1)]
        numbers = {"labelled": arrays.known.sum(0), "seen": np.sum(seen, axis=1)}
        columns |= {(name, key): pd.Series(values, index=list(arrays.classes)) for key, values in numbers.items()}
    table = pd.DataFrame(columns)
    order = list(dict.fromkeys(name for arrays in sets.values() for name in arrays.classes))
    return table.reindex(order).fillna(0).astype(int)


def structure_facts(sets: Mapping[str, CaseArrays]) -> pd.DataFrame:
    """One row per volume and structure in it, on the network's grid: data, case, structure, volume in ml, median grey.

    The volume is NaN where the border cuts the structure; greys are those that the network sees, 1 to 255.
    """
    rows = []
    for name, arrays in sets.items():
        for i in range(len(arrays)):
            rows += [{"data": name, "case": arrays.table["case"][i], **row} for row in _structures(arrays, i)]
    return pd.DataFrame(rows, columns=["data", "case", "structure", "volume ml", "grey"])


def _structures(arrays: CaseArrays, i: int) -> list[dict[str, object]]:
    image, labels = np.asarray(arrays.images[i, 0]), np.asarray(arrays.labels[i])
    ml = float(np.prod(arrays.spacing[i])) / 1000
    rows: list[dict[str, object]] = []
    for k, box in enumerate(ndimage.find_objects(labels, len(arrays.classes)), 1):
        if box is None:
            continue
        inside = labels[box] == k
        whole = all(part.start > 0 and part.stop < n for part, n in zip(box[1:], labels.shape[1:], strict=True))
        size = float(inside.sum()) * ml if whole else np.nan
        rows.append(
            {"structure": arrays.classes[k - 1], "volume ml": size, "grey": float(np.median(image[box][inside]))}
        )
    return rows
