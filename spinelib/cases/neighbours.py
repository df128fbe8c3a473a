"""Which rows of a table are most alike, found without comparing each with every other.

The table is cut into cells: halves, again and again, at the median of the direction in which the rows spread most. A
row is compared with those of the cells whose middles are nearest to it (C, our choice: an inverted file, of balanced
cells). Time grows with the number of rows; of a large table only a cell is in memory at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.float32]
Places = NDArray[np.intp]
# Rows of a table that is one single cell; of a cell of larger tables; cells that a row is compared with, of each of its
# variants; rows by which directions and the mean of all are told.
WHOLE, CELL, PROBED, SAMPLE = 1024, 128, 8, 512


def most_alike(
    table: Rows, variants: Callable[[Places], Sequence[Rows]], count: int
) -> Iterator[tuple[int, Places, Rows]]:
    """Of each row its place, and places and scalar products of the `count` others that are most like it.

    table: [N, D] of unit length, on a disk for many (np.memmap). variants: gives [K, D] for K places, several times; of
    a row's variants the one counts that is most like the other row. Rows come cell by cell, others in no order; up to
    WHOLE rows all are compared, of more those of near cells.
    """
    mean = table[_spread(np.arange(len(table)))].mean(0) if len(table) else 0.0
    cells = cut_cells(table, np.arange(len(table)), mean)
    middles = np.stack([_moved(table[cell], mean).mean(0) for cell in cells]) if cells else np.empty((0, 0), np.float32)
    for cell in cells:
        own = variants(cell)
        near = np.zeros((len(cell), len(cells)), bool)
        for rows in own:
            likeness = _moved(rows, mean) @ middles.T - (middles**2).sum(1) / 2
            np.put_along_axis(near, np.argsort(-likeness, 1, kind="stable")[:, :PROBED], True, 1)
        yield from _best(cell, own, table, cells, near, count)


def _best(
    cell: Places, own: Sequence[Rows], table: Rows, cells: Sequence[Places], near: NDArray[np.bool_], count: int
) -> Iterator[tuple[int, Places, Rows]]:
    """What `most_alike` gives of the rows of one cell; near: with which cells [rows, cells] each is compared."""
    places = np.zeros((len(cell), count), np.intp)
    products = np.full((len(cell), count), -np.inf, np.float32)
    for k in np.flatnonzero(near.any(0)).tolist():
        rows, others = np.flatnonzero(near[:, k]), table[cells[k]]
        found = np.max([variant[rows] @ others.T for variant in own], 0)
        found[cell[rows][:, None] == cells[k]] = -np.inf
        every = np.concatenate([products[rows], found], 1)
        where = np.concatenate([places[rows], np.broadcast_to(cells[k], found.shape)], 1)
        best = np.argpartition(-every, count - 1, 1)[:, :count]
        products[rows], places[rows] = (np.take_along_axis(part, best, 1) for part in (every, where))
    for row, place, product in zip(cell.tolist(), places, products, strict=True):
        yield row, place[np.isfinite(product)], product[np.isfinite(product)]


def cut_cells(table: Rows, places: Places, mean: Rows | float) -> list[Places]:
    """The rows at `places` in cells of not more than CELL (or one of up to WHOLE), those that are alike together."""
    if len(places) <= (WHOLE if len(places) == len(table) else CELL):
        return [places] if len(places) else []
    sample = _moved(table[_spread(places)], mean)
    direction = np.linalg.svd(sample - sample.mean(0), full_matrices=False)[2][0]
    along = np.concatenate([_moved(table[part], mean) @ direction for part in _parts(places)])
    order = places[np.argsort(along, kind="stable")]
    middle = len(order) // 2
    return [cell for half in (order[:middle], order[middle:]) for cell in cut_cells(table, np.sort(half), mean)]


def _moved(rows: Rows, mean: Rows | float) -> Rows:
    """Rows as seen from the mean of all, where those that are alike stand out, at unit length."""
    moved = rows - mean
    length = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.asarray(moved / np.where(length > 0, length, 1), np.float32)


def _spread(places: Places) -> Places:
    """Up to SAMPLE of `places`, spread evenly over them."""
    return places[np.linspace(0, len(places) - 1, min(SAMPLE, len(places))).astype(int)]


def _parts(places: Places) -> Iterator[Places]:
    yield from (places[start : start + WHOLE] for start in range(0, len(places), WHOLE))
