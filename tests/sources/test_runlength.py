"""Run lengths of COCO, as numbers and as text."""

from pathlib import Path

import numpy as np
import pytest

from spinelib.core.errors import BadInput
from spinelib.sources.runlength import decode_runs, encode_runs

FILE = Path("coco.json")


def encoded(counts):
    """The text of counts: differences from the fourth on, five bits at a time, low ones first, 32 where more follow."""
    out = ""
    for k, count in enumerate(counts):
        value = count - counts[k - 2] if k > 2 else count
        while True:
            group, value = value & 31, value >> 5
            last = value == (-1 if group & 16 else 0)
            out += chr(48 + (group if last else group | 32))
            if last:
                break
    return out


# Pairs of counts and text that other programs hold in their tests.
@pytest.mark.parametrize(
    ("counts", "text"),
    [([0, 6, 1, 3], "061M"), ([0, 6, 1, 6], "0610"), ([0, 1, 1, 2, 1, 3, 1, 4, 1], "011101010"), ([0, 1024], "0PP1")],
)
def test_known_texts(counts, text):
    assert encoded(counts) == text
    size = [1, sum(counts)]
    expected = np.repeat(np.arange(len(counts)) % 2 == 1, counts)
    np.testing.assert_array_equal(decode_runs(FILE, {"size": size, "counts": text})[0], expected)


def test_runs_go_down_the_columns():
    found = decode_runs(FILE, {"size": [2, 3], "counts": [2, 3, 1]})
    assert found.astype(int).tolist() == [[0, 1, 1], [0, 1, 0]]


@pytest.mark.parametrize("seed", range(4))
def test_any_mask_comes_back(seed):
    mask = np.random.default_rng(seed).random((37, 53)) < (0.5 if seed else 0.01)
    flat = np.concatenate([[False], mask.T.ravel()])
    edges = np.flatnonzero(flat[1:] != flat[:-1])
    counts = np.diff([0, *edges, mask.size]).tolist()
    for given in (counts, encoded(counts)):
        np.testing.assert_array_equal(decode_runs(FILE, {"size": [37, 53], "counts": given}), mask)


@pytest.mark.parametrize(
    "content",
    [
        {"size": [2, 3], "counts": [2, 3]},
        {"size": [2, 3], "counts": [-1, 7]},
        {"size": [2, 3], "counts": "P"},
        {"size": [2, 3], "counts": "PPPPPPPPPPPPPPPPPPP1"},
        {"size": [2, 3], "counts": "\u00e9"},
        {"size": [2], "counts": "06"},
        {"size": [10**6, 10**6], "counts": [10**12]},
        {"size": [0, 0], "counts": []},
        {"counts": "06"},
        {"size": ["a", "b"], "counts": "06"},
        {"size": [2, 3], "counts": None},
    ],
)
def test_broken_ones_are_refused(content):
    with pytest.raises(BadInput, match="run lengths"):
        decode_runs(FILE, content)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_mask_comes_back_from_its_runs(share):
    mask = np.random.default_rng(0).random((7, 5)) < share
    assert sum(encode_runs(mask)) == mask.size
    assert np.array_equal(decode_runs(FILE, {"size": [7, 5], "counts": encode_runs(mask)}), mask)
