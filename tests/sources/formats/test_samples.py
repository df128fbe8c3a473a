"""Samples are the kinds that they are called."""

import numpy as np
import pydicom
import pytest

from spinelib.cases.readers.images import read_image
from spinelib.cases.volume import read_volume
from spinelib.sources.formats import samples


@pytest.mark.parametrize(
    ("syntax", "uid"),
    [
        ("", "1.2.840.10008.1.2.1"),
        ("RLELossless", "1.2.840.10008.1.2.5"),
        ("JPEGLosslessProcess14_1", "1.2.840.10008.1.2.4.70"),
        ("JPEGLSLossless", "1.2.840.10008.1.2.4.80"),
        ("JPEG2000Lossless", "1.2.840.10008.1.2.4.90"),
    ],
)
def test_dicom_films_have_their_transfer_syntax_and_their_pixels(tmp_path, syntax, uid):
    path = samples.dicom_file(syntax)(tmp_path)
    assert pydicom.dcmread(path).file_meta.TransferSyntaxUID == uid
    np.testing.assert_array_equal(read_image(path), samples.film_sample(16))


def test_pictures_and_volumes_hold_what_was_drawn(tmp_path):
    path = samples.picture_file("film.tif", samples.film_sample(16))(tmp_path)
    np.testing.assert_array_equal(read_image(path), samples.film_sample(16))
    np.testing.assert_array_equal(read_image(samples.nifti_film(tmp_path)), samples.film_sample(16))
    for write in (samples.nifti_file("a.nii.gz"), samples.itk_file("b.mha"), samples.itk_file("c.nrrd")):
        found = read_volume(write(tmp_path))
        np.testing.assert_array_equal(found.array, samples.volume_sample())
        np.testing.assert_allclose(found.spacing, samples.SPACING, atol=1e-5)
    assert len(list(samples.series_folder(tmp_path).iterdir())) == len(samples.volume_sample())
