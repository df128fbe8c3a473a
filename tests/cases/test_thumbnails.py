import errno

import numpy as np
import pytest
from PIL import Image

from spinelib.cases.thumbnails import HEIGHT, Thumbnails, read_thumbnails, thumbnail
from spinelib.core.errors import BadInput
from spinelib.core.layout import AUDIT_FILMS

FILMS = [np.random.default_rng(k).random((5 + k, 3), np.float32) for k in range(3)]


@pytest.fixture
def folder(tmp_path):
    """Where three films were kept, a, b and c."""
    with Thumbnails(tmp_path / "work", "w") as kept:
        for mark, film in zip("abc", FILMS, strict=True):
            kept.add(mark, film)
            np.testing.assert_array_equal(kept[0], FILMS[0])
        assert len(kept) == 3
        for found, film in zip(kept[:], FILMS, strict=True):
            np.testing.assert_array_equal(found, film)
    return tmp_path / "work"


def test_films_are_there_again_in_any_order(folder):
    with Thumbnails(folder, "w") as kept:
        assert len(kept) == 0
        assert kept.kept == {"a", "b", "c"}
        for mark in "ca":
            kept.add(mark)
        kept.add("d", FILMS[1])
        assert kept.marks == ["c", "a", "d"]
        for k, film in enumerate([FILMS[2], FILMS[0], FILMS[1]]):
            np.testing.assert_array_equal(kept[k], film)


def test_films_of_other_code_are_gone(folder):
    with Thumbnails(folder, "new") as kept:
        assert not kept.kept
    assert (folder / AUDIT_FILMS).stat().st_size == 0


def test_a_film_that_was_damaged_or_cut_off_is_not_taken(folder):
    data = bytearray((folder / AUDIT_FILMS).read_bytes())
    data[FILMS[0].nbytes + 5] ^= 1
    (folder / AUDIT_FILMS).write_bytes(data[:-1])
    with Thumbnails(folder, "w") as kept:
        assert kept.kept == {"a"}
        kept.add("b", FILMS[1])
        np.testing.assert_array_equal(kept[0], FILMS[1])


def test_a_full_disk_and_a_folder_that_is_not_there_are_named(tmp_path):
    class Full:
        def seek(self, *_):
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self):
            pass

    with pytest.raises(BadInput, match=r"cannot be written \(No such file"):
        Thumbnails(tmp_path / "nowhere" / "work", "w")
    with Thumbnails(tmp_path, "w") as kept:
        kept._file.close()
        kept._file = Full()
        with pytest.raises(BadInput, match=r"cannot be written \(No space left on device\). Free space"):
            kept.add("a", np.zeros((2, 2), np.float32))


def test_what_is_kept_is_not_read_again(tmp_path):
    Image.fromarray(np.random.default_rng(0).integers(9, 250, (60, 30), np.uint8)).save(tmp_path / "a.png")
    (tmp_path / "b.PNG").write_bytes((tmp_path / "a.png").read_bytes())
    paths = [tmp_path / "a.png", tmp_path / "b.PNG"]
    first, same = read_thumbnails(paths)
    assert first.mark == same.mark
    assert first.film.shape == (HEIGHT, HEIGHT // 2)
    assert [found.film for found in read_thumbnails(paths, {first.mark})] == [None, None]


def test_a_film_has_its_own_proportions_and_all_greys_and_a_bad_one_says_why(tmp_path):
    Image.fromarray(np.random.default_rng(0).integers(9, 4000, (600, 300), np.uint16)).save(tmp_path / "deep.png")
    (tmp_path / "bad.png").write_bytes(b"no picture")
    found, bad = read_thumbnails([tmp_path / "deep.png", tmp_path / "bad.png"])
    found = found.film
    assert found.shape == (HEIGHT, HEIGHT // 2)
    assert (found.min(), found.max()) == (0, 255)
    assert np.corrcoef(found.ravel(), thumbnail(tmp_path / "deep.png").ravel())[0, 1] > 0.9999
    assert thumbnail(tmp_path / "deep.png", 50).shape == (50, 25)
    assert isinstance(bad, BadInput)
