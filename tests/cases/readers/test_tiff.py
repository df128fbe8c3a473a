import numpy as np
import pytest

from spinelib.cases.readers import tiff as tiff_reader
from spinelib.cases.readers.tiff import film_page
from spinelib.core.errors import BadInput
from tests.cases.readers.tiffs import SHORT, tiff

GREY = np.arange(60, dtype=np.uint8).reshape(6, 10) * 4


def test_a_page_is_as_its_tags_say(tmp_path):
    deep = GREY.astype(np.uint16)
    page = film_page(tiff(tmp_path / "a.tif", deep, order=">", compression=8, tags={274: (SHORT, [6])}))
    assert (page.height, page.width, page.bits, page.samples, page.index, page.pages) == (6, 10, 16, 1, 0, 1)
    assert page.big_endian
    assert page.compressed
    assert page.orientation == 6


def test_pages_beside_the_film_are_refused_and_a_thumbnail_is_not(tmp_path):
    with pytest.raises(BadInput, match="holds several pages"):
        film_page(tiff(tmp_path / "a.tif", GREY, pages=2))
    with pytest.raises(BadInput, match="holds several pages"):
        film_page(tiff(tmp_path / "a.tif", GREY, pages=2, tags={254: (SHORT, [1])}))
    assert film_page(tiff(tmp_path / "a.tif", GREY, tags={254: (SHORT, [1])})).index == 0


def test_of_a_long_chain_of_pages_the_first_are_looked_at(tmp_path, monkeypatch):
    looked = []

    class Counting(tiff_reader.Tags):
        def load(self, file):
            looked.append(file.tell())
            super().load(file)

    monkeypatch.setattr(tiff_reader, "Tags", Counting)
    path = tiff(tmp_path / "a.tif", GREY, pages=300)
    with pytest.raises(BadInput, match="holds several pages"):
        film_page(path)
    assert len(looked) == tiff_reader.MAX_PAGES


def test_a_chain_of_pages_that_bites_its_tail_ends(tmp_path):
    path = tiff(tmp_path / "a.tif", GREY)
    content = bytearray(path.read_bytes())
    content[-4:] = content[4:8]
    path.write_bytes(content)
    assert film_page(path).pages == 1


@pytest.mark.parametrize(
    ("samples", "said", "reason"),
    [
        (GREY.astype(np.float64), {}, "64-bit floating-point samples"),
        (GREY.astype(np.float16), {}, "16-bit floating-point samples"),
        (GREY.astype(np.uint16), {"bits": 12, "order": ">"}, "12-bit unsigned samples, big-endian"),
        (GREY.astype(np.uint16), {"bits": 12, "photometric": 0}, "12-bit unsigned samples, white is zero"),
        (np.stack([GREY.astype(np.uint16)] * 3, 2), {"photometric": 2, "planar": 2}, "16-bit .* channels apart"),
        (np.stack([GREY] * 3, 2), {"photometric": 8}, "8-bit unsigned samples, photometric interpretation 8"),
        (GREY.astype(np.int8), {"tags": {274: (SHORT, [6])}}, "8-bit signed samples, turned"),
    ],
)
def test_what_nobody_reads_right_is_refused_with_its_kind(tmp_path, samples, said, reason):
    with pytest.raises(BadInput, match=f"is a TIFF of a kind that cannot be read \\({reason}"):
        film_page(tiff(tmp_path / "a.tif", samples, **said))


@pytest.mark.parametrize(("kind", "expected"), [("u2", 65535 - 5), ("i2", -1 - 5), ("f4", 236 + 0 - 5)])
def test_white_is_zero_is_turned_round_about_the_range_of_its_samples(tmp_path, kind, expected):
    page = film_page(tiff(tmp_path / "a.tif", GREY.astype(kind), photometric=0))
    values = np.array([[0, 5, 236]], np.float32)
    assert page.turned_round(values)[0, 1] == expected
    plain = film_page(tiff(tmp_path / "b.tif", GREY.astype(kind)))
    np.testing.assert_array_equal(plain.turned_round(values), values)
