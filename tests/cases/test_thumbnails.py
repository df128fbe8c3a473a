import errno

import numpy as np
import pytest
from PIL import Image

from spinelib.cases.thumbnails import HEIGHT, Thumbnails, read_thumbnails, thumbnail
from spinelib.core.errors import BadInput


def test_films_come_back_as_they_were_and_nothing_stays_on_the_disk(tmp_path):
    films = [np.random.default_rng(k).random((5 + k, 3), np.float32) for k in range(3)]
    with Thumbnails(tmp_path) as kept:
        for film in films:
            kept.add(film)
            np.testing.assert_array_equal(kept[0], films[0])
        assert len(kept) == 3
        for found, film in zip(kept[:], films, strict=True):
            np.testing.assert_array_equal(found, film)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_and_a_folder_that_is_not_there_are_named(tmp_path):
    class Full:
        def seek(self, *_):
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self):
            pass

    with pytest.raises(BadInput, match=r"nowhere: cannot be written \(No such file"):
        Thumbnails(tmp_path / "nowhere")
    with Thumbnails(tmp_path) as kept:
        kept._file.close()
        kept._file = Full()
        with pytest.raises(BadInput, match=r"cannot be written \(No space left on device\). Free space"):
            kept.add(np.zeros((2, 2), np.float32))


def test_a_film_has_its_own_proportions_and_all_greys_and_a_bad_one_says_why(tmp_path):
    Image.fromarray(np.random.default_rng(0).integers(9, 4000, (600, 300), np.uint16)).save(tmp_path / "deep.png")
    (tmp_path / "bad.png").write_bytes(b"no picture")
    found, bad = read_thumbnails([tmp_path / "deep.png", tmp_path / "bad.png"])
    assert found.shape == (HEIGHT, HEIGHT // 2)
    assert (found.min(), found.max()) == (0, 255)
    assert np.corrcoef(found.ravel(), thumbnail(tmp_path / "deep.png").ravel())[0, 1] > 0.9999
    assert thumbnail(tmp_path / "deep.png", 50).shape == (50, 25)
    assert isinstance(bad, BadInput)
