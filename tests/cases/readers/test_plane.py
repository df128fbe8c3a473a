"""Films kept as NIfTI come upright, whatever the order of their axes."""

import gzip

import nibabel
import numpy as np
import pytest

from spinelib.cases.readers.images import picture_size, read_image, read_picture, read_spacing
from spinelib.cases.readers.plane import is_plane, read_plane
from spinelib.cases.volume import is_volume
from spinelib.core.errors import BadInput

# Rows 0.5 mm apart, columns 0.25 mm.
FILM = np.arange(12, dtype=np.float32).reshape(4, 3)


def save(path, array, affine, codes=(1, 1)):
    image = nibabel.Nifti1Image(array, affine)
    image.set_qform(affine, codes[0])
    image.set_sform(affine, codes[1])
    nibabel.save(image, path)
    return path


RUN = {"L": (-1, 0, 0), "R": (1, 0, 0), "P": (0, -1, 0), "A": (0, 1, 0), "I": (0, 0, -1), "S": (0, 0, 1)}


def placed(axes):
    """The affine of a plane whose two axes run so; the axis of the columns has voxels of 0.25 mm."""
    sizes = (0.25, 0.5) if axes[1] in "IS" or (axes[1] in "PA" and axes[0] in "LR") else (0.5, 0.25)
    first, second = (np.array(RUN[code], float) for code in axes)
    affine = np.eye(4)
    affine[:3, :3] = np.stack([first * sizes[0], second * sizes[1], np.cross(first, second)], 1)
    affine[:3, 3] = (10, 20, 30)
    return affine


@pytest.mark.parametrize("shape", [(), (1,), (1, 1)])
@pytest.mark.parametrize(
    ("axes", "stored"),
    [
        ("LI", FILM.T),
        ("RI", FILM.T[::-1]),
        ("LS", FILM.T[:, ::-1]),
        ("IL", FILM),
        ("SL", FILM[::-1]),
        ("IR", FILM[:, ::-1]),
        ("PI", FILM.T),
        ("AS", FILM.T[::-1, ::-1]),
        ("IA", FILM[:, ::-1]),
        ("LP", FILM.T),
        ("RA", FILM.T[::-1, ::-1]),
        ("PL", FILM),
    ],
)
def test_every_order_of_the_axes_gives_the_same_film(tmp_path, axes, stored, shape):
    path = save(tmp_path / "a.nii.gz", stored.reshape(*stored.shape, *shape), placed(axes))
    film = read_plane(path)
    np.testing.assert_array_equal(film.pixels, FILM)
    assert (film.spacing, film.aspect, film.remark, film.pixels.dtype) == ((0.5, 0.25), 2.0, "", np.float32)
    np.testing.assert_array_equal(read_image(path), FILM)
    assert (read_spacing(path), picture_size(path)) == ((0.5, 0.25), (4, 3))
    assert is_plane(path)
    assert not is_volume(path)


def test_a_picture_that_a_program_wrote_without_spacing_has_none(tmp_path):
    path = save(tmp_path / "a.nii", FILM.T.astype(np.uint8), np.diag([-1.0, -1, 1, 1]))
    film = read_picture(path)
    np.testing.assert_array_equal(film.pixels, FILM)
    assert (film.spacing, film.aspect) == (None, 1.0)


def test_what_does_not_say_how_it_lies_is_refused(tmp_path):
    with pytest.raises(BadInput, match="its affine is the identity"):
        read_plane(save(tmp_path / "a.nii", FILM, np.eye(4)))
    with pytest.raises(BadInput, match="qform and sform code are 0"):
        read_plane(save(tmp_path / "b.nii", FILM, placed("LI"), codes=(0, 0)))
    with pytest.raises(BadInput, match="no plane but 4 x 3 x 2 voxels"):
        read_plane(save(tmp_path / "c.nii", np.stack([FILM, FILM], 2), placed("LI")))
    file = save(tmp_path / "d.nii", FILM, placed("LI"))
    file.write_bytes(file.read_bytes()[:-4])
    with pytest.raises(BadInput, match="cut short"):
        read_plane(file)


def test_other_files_are_no_planes(tmp_path):
    (tmp_path / "a.nii").write_bytes(b"text")
    (tmp_path / "b.nii.gz").write_bytes(gzip.compress(b"text")[:-3])
    (tmp_path / "c.png").write_bytes(b"text")
    save(tmp_path / "d.nii", np.stack([FILM, FILM], 2), placed("LI"))
    for name in ("a.nii", "b.nii.gz", "c.png", "d.nii", "gone.nii"):
        assert not is_plane(tmp_path / name)
    assert is_volume(tmp_path / "a.nii")
