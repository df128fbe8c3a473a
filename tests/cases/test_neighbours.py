import numpy as np
import pytest

from spinelib.cases import neighbours
from spinelib.cases.neighbours import cut_cells, most_alike


def likenesses(count, places=300, seed=0):
    """Rows [2 * count, D] of unit length: `count` of them, about one mean, and a rough copy of each."""
    rng = np.random.default_rng(seed)
    one = 3 + rng.normal(size=(count, places))
    rows = np.concatenate([one, one + 0.5 * rng.normal(size=one.shape)]).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def found(rows, count):
    return {row: set(others.tolist()) for row, others, _ in most_alike(rows, lambda places: [rows[places]], count)}


def test_of_few_rows_all_are_compared():
    rows = likenesses(20)
    every = rows @ rows.T
    np.fill_diagonal(every, -1)
    best = np.argsort(-every, 1)[:, :5]
    assert found(rows, 5) == {row: set(others.tolist()) for row, others in enumerate(best)}


def test_of_many_rows_the_most_alike_is_found_among_a_few_cells(monkeypatch):
    for name, value in (("WHOLE", 50), ("CELL", 25), ("PROBED", 4)):
        monkeypatch.setattr(neighbours, name, value)
    rows = likenesses(400)
    hits = found(rows, 10)
    assert sorted(hits) == list(range(800))
    assert all((row + 400) % 800 in others and row not in others for row, others in hits.items())


def compared(rows):
    """How many products most_alike takes of these rows, and how many of them lie in one cell at most."""

    class Counted(np.ndarray):
        def __matmul__(self, other):
            Counted.products += self.shape[0] * other.shape[1]
            return np.asarray(self) @ np.asarray(other)

    Counted.products = 0
    list(most_alike(rows, lambda places: [rows[places].view(Counted)], 10))
    return Counted.products


def test_products_grow_with_the_rows_and_not_with_their_square(monkeypatch):
    for name, value in (("WHOLE", 100), ("CELL", 25), ("PROBED", 4)):
        monkeypatch.setattr(neighbours, name, value)
    few, many = compared(likenesses(200)), compared(likenesses(800))
    assert few <= 400 * 4 * 25
    assert many <= 4.2 * few


def test_rows_that_are_all_alike_are_cut_evenly(monkeypatch):
    monkeypatch.setattr(neighbours, "WHOLE", 16)
    monkeypatch.setattr(neighbours, "CELL", 8)
    rows = np.ones((100, 4), np.float32) / 2
    cells = cut_cells(rows, np.arange(100), rows.mean(0))
    assert sorted(np.concatenate(cells).tolist()) == list(range(100))
    assert max(map(len, cells)) <= 8
    assert min(map(len, cells)) >= 4


@pytest.mark.parametrize("count", [0, 1, 2])
def test_hardly_any_rows(count):
    hits = found(likenesses(2)[:count], 3)
    assert hits == {row: set(range(count)) - {row} for row in range(count)}


def test_of_a_rows_variants_the_one_that_is_most_alike_counts():
    rows = np.eye(3, dtype=np.float32)
    turned = rows[[1, 2, 0]]
    hits = {
        row: (others.tolist(), values.tolist())
        for row, others, values in most_alike(rows, lambda places: [rows[places], turned[places]], 1)
    }
    assert hits == {0: ([1], [1.0]), 1: ([2], [1.0]), 2: ([0], [1.0])}
