"""What a finished study holds, damaged or edited bit by bit: named, made anew, and the tables are as they were."""

import random

import pytest

from tests.attacks.study import RUN, bring, make, no_traceback, reports, tables

pytestmark = pytest.mark.slow

FILES = [
    *(f"runs/{RUN}/{name}" for name in ("cases.csv", "model.safetensors", "predictions/phantom.npz")),
    "questions/90_compare/run.json",
    "data/phantom/manifest.csv",
]
SAID = [
    f"{RUN}: cases.csv, model.safetensors, predictions/phantom.npz damaged, edited or gone",
    "90_compare: run.json damaged, edited or gone",
    "manifest.csv damaged, edited or gone, kept as .old",
]


def flip(path, draw):
    data = bytearray(path.read_bytes())
    # Not in the last byte, a line's end, nor in the blanks of JSON.
    place = draw.choice([k for k, byte in enumerate(data[:-1]) if not chr(byte).isspace()])
    data[place] ^= 1 << draw.randrange(8)
    path.write_bytes(data)


def test_a_flipped_bit_anywhere_is_named_and_healed(tmp_path):
    root, draw = make(tmp_path), random.Random(0)
    assert bring(root).returncode == 0
    expected = tables(root)
    for name in FILES:
        flip(reports(root) / name, draw)
    done = bring(root)
    assert done.returncode == 0, done.stdout + done.stderr
    no_traceback(done)
    assert all(words in done.stdout for words in SAID), done.stdout
    assert tables(root) == expected
    for name in ("cases.csv", "summary.csv"):
        flip(reports(root) / name, draw)
    assert bring(root).returncode == 0
    assert tables(root) == expected
