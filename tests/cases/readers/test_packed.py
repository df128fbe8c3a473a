"""Streams are read to their end: every flipped bit, cut and addition of a packed file is found."""

import gzip
import zlib

import numpy as np
import pytest

from spinelib.cases.readers.packed import first_bytes, is_gzip, read_bytes
from spinelib.core.errors import BadInput

CONTENT = np.random.default_rng(0).integers(0, 40, 200_000).astype(np.uint8).tobytes()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "a"


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_a_whole_stream_gives_its_bytes(file, pack):
    file.write_bytes(b"head" + pack(CONTENT))
    assert read_bytes(file, len(CONTENT), start=4, packed=True) == CONTENT


def test_streams_that_follow_one_another_are_one(file):
    file.write_bytes(gzip.compress(CONTENT[:70_000]) + gzip.compress(CONTENT[70_000:]))
    assert read_bytes(file, len(CONTENT), packed=True) == CONTENT
    assert is_gzip(file)
    assert first_bytes(file, 540) == CONTENT[:540]


def test_every_flipped_bit_is_found(file):
    good, random = gzip.compress(CONTENT, 6, mtime=0), np.random.default_rng(1)
    for _ in range(60):
        bad = bytearray(good)
        bad[random.integers(20, len(bad))] ^= 1 << int(random.integers(8))
        file.write_bytes(bad)
        with pytest.raises(BadInput):
            read_bytes(file, len(CONTENT), packed=True)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("content", "words"),
    [(CONTENT[:-1], "cut short .199999 of 200000 bytes"), (CONTENT + b"x", "more than the 200000 bytes")],
)
def test_another_length_is_refused(file, content, words, packed):
    file.write_bytes(gzip.compress(content) if packed else content)
    with pytest.raises(BadInput, match=words):
        read_bytes(file, len(CONTENT), packed=packed)


def test_a_stream_without_its_end_or_with_more_behind_it_is_refused(file):
    for content in (gzip.compress(CONTENT)[:-4], gzip.compress(CONTENT) + b"more"):
        file.write_bytes(content)
        with pytest.raises(BadInput, match="damaged"):
            read_bytes(file, len(CONTENT), packed=True)


def test_zeros_behind_the_end_are_padding(file):
    file.write_bytes(gzip.compress(CONTENT) + bytes(100_000))
    assert read_bytes(file, len(CONTENT), packed=True) == CONTENT
    file.write_bytes(CONTENT + bytes(512))
    assert read_bytes(file, len(CONTENT), packed=False) == CONTENT


def test_a_stream_that_unpacks_to_much_more_is_stopped_early(file):
    file.write_bytes(gzip.compress(b"\1" * 10**8))
    with pytest.raises(BadInput, match="more than the 1000 bytes"):
        read_bytes(file, 1000, packed=True)
