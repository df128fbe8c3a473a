import numpy as np
import pytest

from spinelib.cases.readers.picture import MAX_PIXELS, check_aspect, check_file, check_size, to_grey
from spinelib.core.errors import BadInput


def test_greys_of_three_channels_stay_as_they_are():
    grey = np.arange(65000, 65012, dtype=np.float32).reshape(3, 4)
    np.testing.assert_array_equal(to_grey(np.stack([grey] * 3, 2)), grey)


def test_luminance_is_that_of_itu_601():
    assert to_grey(np.array([[[200, 100, 50]]], np.uint8)) == pytest.approx(0.299 * 200 + 0.587 * 100 + 0.114 * 50)


def test_sizes_and_shapes_of_pixels_have_limits(tmp_path):
    check_size(tmp_path, 4300, 4300)
    check_aspect(tmp_path, 8)
    for check, said in (
        (check_size, (MAX_PIXELS, 2)),
        (check_size, (0, 5)),
        (check_aspect, (8.1,)),
        (check_aspect, (0.1,)),
    ):
        with pytest.raises(BadInput):
            check(tmp_path, *said)


def test_a_file_must_be_there_and_hold_something(tmp_path):
    (tmp_path / "empty").write_bytes(b"")
    for name, reason in (("none", "does not exist"), ("", "is a folder"), ("empty", "0 bytes")):
        with pytest.raises(BadInput, match=reason):
            check_file(tmp_path / name)
