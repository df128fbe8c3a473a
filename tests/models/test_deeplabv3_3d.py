"""3-D DeepLabV3: sizes of what its blocks give."""

from spinelib.models.deeplabv3_3d import SeparablePyramid, XceptionBlock

from .made import noise


def test_an_xception_block_halves_rows_and_columns_but_not_slices():
    assert XceptionBlock(4, 8).eval()(noise(1, 4, 5, 8, 6)).shape == (1, 8, 5, 4, 3)


def test_the_separable_pyramid_keeps_the_size():
    pyramid = SeparablePyramid(4, 8, [(1, 6, 6), (1, 12, 12), (1, 18, 18)]).eval()
    assert pyramid(noise(1, 4, 3, 5, 4)).shape == (1, 8, 3, 5, 4)
