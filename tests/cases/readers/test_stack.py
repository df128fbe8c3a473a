"""Slices that are one regular stack, and those that are none."""

import numpy as np
import pytest

from spinelib.cases import read_volume
from spinelib.core.errors import BadInput

from ..volumes import SPACING, lumbar, save_series
from .dicoms import with_text

IMAGE, _ = lumbar()


def place(k, y=0.0):
    return [k * SPACING[0] - 20, -15 + y, 30]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"skip": (3,)}, r"steps of 4.00 to 8.00 mm .* missing .between IM00(21|28|14) and IM00(21|28|14)."),
        ({"skip": range(1, 7)}, "one slice only"),
        ({"ImagePositionPatient": [0, 0, 0]}, "several volumes: 7 slices at 1 places"),
        ({"ImageOrientationPatient": ""}, "does not say how the patient lies"),
        ({"NumberOfFrames": 12}, "holds 12 frames"),
        ({"SamplesPerPixel": 3}, "in colour"),
        ({"ImageOrientationPatient": [1, 0, 0, 0, 0, -1]}, "steps of 0.00"),
        ({"ImageOrientationPatient": [0, 2, 0, 0, 0, -1]}, "not at right angles"),
        ({"ImageOrientationPatient": [0, 1, 0, 0, 0.1, -1]}, "not at right angles"),
        ({"PixelSpacing": [1.5, -1.25]}, "no size"),
        ({"PixelSpacing": [0, 0]}, "no size"),
    ],
)
def test_a_folder_that_is_no_series_of_slices_is_refused(tmp_path, changes, words):
    save_series(tmp_path / "series", IMAGE, SPACING, **changes)
    with pytest.raises(BadInput, match=words):
        read_volume(tmp_path / "series")


def of_two(name):
    """Every other slice at the place of the one before it, told apart by one element."""

    def change(k, data):
        data.ImagePositionPatient = place(k // 2)
        setattr(data, name, str(k % 2 + 1))

    return change


def moved(k, data):
    data.ImagePositionPatient = place(k, 2.0 * (k == 4))


def moved_for_good(k, data):
    data.ImagePositionPatient = place(k, 2.0 * (k >= 4))


def tilted(k, data):
    data.ImagePositionPatient = place(k, 0.3 * k)


def slightly_tilted(k, data):
    data.ImagePositionPatient = place(k, 0.08 * k)


def other_greys(k, data):
    data.PhotometricInterpretation = "MONOCHROME1" if k == 2 else "MONOCHROME2"


def other_turn(k, data):
    data.ImageOrientationPatient = [0, 1, 0, 0.02 * (k == 2), 0, -1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (of_two("EchoNumbers"), "several volumes: 2 echoes .1, 2. at 4 places"),
        (of_two("EchoTime"), "several volumes: 2 echoes"),
        (of_two("TemporalPositionIdentifier"), "several volumes: 2 times"),
        (of_two("AcquisitionNumber"), "several volumes: 2 acquisitions"),
        (of_two("StudyID"), "several volumes: 7 slices at 4 places, two of them"),
        (moved, "moved in its plane by 2.00 mm against the slice before it"),
        (moved_for_good, "moved in its plane by 2.00 mm"),
        (tilted, "by 1.80 mm against the first: the stack is tilted"),
        (slightly_tilted, "by 0.48 mm against the first: the stack is tilted"),
        (other_greys, "differs from the other slices"),
        (other_turn, "differs from the other slices"),
    ],
)
def test_slices_that_are_several_volumes_or_moved_are_refused(tmp_path, change, words):
    save_series(tmp_path / "series", IMAGE, SPACING, change=change)
    with pytest.raises(BadInput, match=words):
        read_volume(tmp_path / "series")


def test_a_slice_that_is_there_twice_is_used_once(tmp_path):
    save_series(tmp_path / "s", IMAGE, SPACING)
    content = (tmp_path / "s" / "IM0014").read_bytes()
    (tmp_path / "s" / "copy").write_bytes(content)
    volume = read_volume(tmp_path / "s")
    np.testing.assert_array_equal(volume.array, IMAGE)
    assert volume.remark == "holds a slice twice (copy)"
    (tmp_path / "s" / "copy").write_bytes(content[:-1] + b"\x55")
    with pytest.raises(BadInput, match="8 slices at 7 places, two of them IM0014 and copy"):
        read_volume(tmp_path / "s")


def numbered(first, step=1):
    def change(k, data):
        data.InstanceNumber = first + step * k

    return change


@pytest.mark.parametrize(
    ("change", "remark"),
    [
        (numbered(1), ""),
        (numbered(7, -1), ""),
        (numbered(101), ""),
        (numbered(2), "has no image number 1: slices may be missing"),
        (numbered(1, 2), "has no image number 2, 4, 6, 8 and 2 more: slices may be missing"),
        (lambda k, data: setattr(data, "ImagesInAcquisition", 9), "holds 7 slices, its headers state 9 images"),
        (
            lambda k, data: setattr(data, "SpacingBetweenSlices", 2),
            "has slices 4.00 mm apart by their places, which count; 2 by SpacingBetweenSlices",
        ),
    ],
)
def test_what_the_headers_count_otherwise_is_remarked(tmp_path, change, remark):
    save_series(tmp_path / "s", IMAGE, SPACING, change=change)
    volume = read_volume(tmp_path / "s")
    np.testing.assert_array_equal(volume.array, IMAGE)
    assert volume.remark == remark


def test_a_decimal_comma_is_read_and_another_letter_refused(tmp_path):
    save_series(tmp_path / "s", IMAGE, SPACING)
    for file in sorted((tmp_path / "s").iterdir()):
        with_text(file, "PixelSpacing", "1,50\\1,25")
    volume = read_volume(tmp_path / "s")
    np.testing.assert_array_equal(volume.array, IMAGE)
    assert volume.spacing == (4.0, 1.5, 1.25)
    with_text(tmp_path / "s" / "IM0014", "PixelSpacing", "1.5x\\1.25")
    with pytest.raises(BadInput, match=r"PixelSpacing is '1.5x'") as error:
        read_volume(tmp_path / "s")
    assert error.value.file.endswith("IM0014")


def test_slices_of_two_patients_are_no_series(tmp_path):
    def change(k, data):
        data.PatientID = f"P{k // 3}"

    save_series(tmp_path / "s", np.ones((6, 8, 9), np.uint16), SPACING, change=change)
    with pytest.raises(BadInput, match=r"holds slices of 2 patients \(PatientID P0, P1\)"):
        read_volume(tmp_path / "s")
