from pathlib import Path

import pytest

from spinelib.cases.readers import limits
from spinelib.core.errors import BadInput


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((3, 4), "2 axes"),
        ((3, 4, 5, 2), "4 axes"),
        ((3, 0, 5), "no voxels along an axis"),
        ((500, 500, 500), "125 million"),
    ],
)
def test_other_shapes_and_too_many_voxels_are_refused(shape, words):
    with pytest.raises(BadInput, match=words):
        limits.check_voxels(Path("a.nii"), shape)


def test_a_usual_volume_passes():
    limits.check_voxels(Path("a.nii"), (20, 512, 512))
