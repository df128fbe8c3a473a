"""MetaImage files: voxels and affine as the header states them, and headers that are refused."""

import numpy as np
import pytest

from spinelib.cases import read_volume
from spinelib.cases.readers import metaimage
from spinelib.core.errors import BadInput

from ..volumes import SPACING, lumbar, save_mha

IMAGE, LABELS = lumbar()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"TransformMatrix": None}, "does not say how the patient lies"),
        ({"TransformMatrix": "1 0 0"}, "no usable TransformMatrix"),
        ({"ElementSpacing": None}, "no usable ElementSpacing"),
        ({"DimSize": "8 60 48"}, "cut short"),
        ({"DimSize": "7 60"}, "2 axes"),
        ({"DimSize": "nan 60 48"}, "no usable DimSize"),
        ({"DimSize": "1e999 60 48"}, "no usable DimSize"),
        ({"DimSize": "-7 60 48"}, "no voxels along an axis"),
        ({"ElementSpacing": "4 nan 1"}, "no usable ElementSpacing"),
        ({"ElementType": "MET_STRING"}, "holds MET_STRING"),
        ({"ElementSpacing": "4 -1.5 1.25"}, "no usable ElementSpacing"),
        ({"DimSize": "6 60 48"}, "more than the 34560 bytes"),
        ({"DistanceUnits": "cm"}, "in cm, not mm"),
        ({"ElementDataFile": "a.raw"}, "a.raw, which is not there"),
        ({"ElementDataFile": "LIST"}, "several files"),
        ({"ElementDataFile": "a%03d.raw 1 7 1"}, "several files"),
        ({"ElementDataFile": "/etc/hostname"}, "another folder"),
        ({"ElementDataFile": "../a.raw"}, "another folder"),
        ({"ElementDataFile": "C:\\a.raw"}, "another folder"),
        ({"BinaryData": "False"}, "as text"),
    ],
)
def test_a_damaged_metaimage_is_refused(tmp_path, changes, words):
    save_mha(tmp_path / "a.mha", IMAGE, SPACING, **changes)
    with pytest.raises(BadInput, match=words):
        read_volume(tmp_path / "a.mha")


def test_bytes_that_are_no_metaimage_are_refused(tmp_path):
    (tmp_path / "a.mha").write_bytes(bytes(range(256)) * 400)
    with pytest.raises(BadInput, match="not a MetaImage"):
        read_volume(tmp_path / "a.mha")
    save_mha(tmp_path / "b.mha", IMAGE, SPACING, CompressedData="True")
    with pytest.raises(BadInput, match="is damaged"):
        read_volume(tmp_path / "b.mha")


@pytest.mark.parametrize("compressed", [False, True])
def test_voxels_come_first_axis_fastest_and_places_in_ras(tmp_path, compressed):
    save_mha(tmp_path / "a.mha", IMAGE, SPACING, compressed=compressed)
    values, affine, remark = metaimage.read(tmp_path / "a.mha", strict=True)
    np.testing.assert_array_equal(values, IMAGE)
    assert (values.dtype, remark) == (np.int16, "")
    # Directions left, down and back, in mm; the offset -12 -30 45 is in LPS.
    np.testing.assert_allclose(affine[:3, :3], [[-4, 0, 0], [0, 0, -1.25], [0, -1.5, 0]])
    np.testing.assert_allclose(affine[:3, 3], [12, 30, 45])
    shape, stated = metaimage.geometry(tmp_path / "a.mha")
    assert shape == IMAGE.shape
    np.testing.assert_array_equal(stated, affine)


def test_every_flipped_bit_of_packed_voxels_is_found(tmp_path):
    save_mha(tmp_path / "a.mha", IMAGE, SPACING, compressed=True)
    good, random = (tmp_path / "a.mha").read_bytes(), np.random.default_rng(1)
    start = good.index(b"LOCAL\n") + 6
    for _ in range(40):
        bad = bytearray(good)
        bad[random.integers(start, len(bad))] ^= 1 << int(random.integers(8))
        (tmp_path / "a.mha").write_bytes(bad)
        with pytest.raises(BadInput, match=r"damaged|more than"):
            read_volume(tmp_path / "a.mha")


@pytest.mark.parametrize(("name", "compressed"), [("a.raw", False), ("voxels/a.zraw", True)])
def test_voxels_beside_their_header_are_read_from_its_folder(tmp_path, name, compressed):
    save_mha(tmp_path / "a.mhd", IMAGE, SPACING, compressed=compressed, ElementDataFile=name)
    header, voxels = (tmp_path / "a.mhd").read_bytes().split(name.encode() + b"\n", 1)
    (tmp_path / "a.mhd").write_bytes(header + name.encode() + b"\n")
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(voxels)
    np.testing.assert_array_equal(metaimage.read(tmp_path / "a.mhd", strict=True)[0], IMAGE)
    assert metaimage.voxel_file(tmp_path / "a.mhd") == tmp_path / name
    (tmp_path / name).write_bytes(voxels[:-5])
    with pytest.raises(BadInput, match="cut short"):
        metaimage.read(tmp_path / "a.mhd", strict=True)


def test_bytes_before_voxels_of_their_own_are_skipped_as_stated(tmp_path):
    save_mha(tmp_path / "a.mhd", IMAGE[:0], SPACING, ElementDataFile="a.raw", HeaderSize="16", DimSize="7 60 48")
    (tmp_path / "a.raw").write_bytes(bytes(16) + IMAGE.tobytes(order="F"))
    np.testing.assert_array_equal(metaimage.read(tmp_path / "a.mhd", strict=True)[0], IMAGE)
    save_mha(tmp_path / "b.mhd", IMAGE[:0], SPACING, ElementDataFile="a.raw", HeaderSize="-1", DimSize="7 60 48")
    with pytest.raises(BadInput, match="HeaderSize"):
        metaimage.read(tmp_path / "b.mhd", strict=True)


def test_the_other_byte_order_gives_the_same_numbers(tmp_path):
    save_mha(tmp_path / "a.mha", IMAGE.byteswap(), SPACING, BinaryDataByteOrderMSB="True")
    np.testing.assert_array_equal(metaimage.read(tmp_path / "a.mha", strict=True)[0], IMAGE)


def test_a_label_map_may_lack_what_its_volume_states(tmp_path):
    save_mha(tmp_path / "a.mha", LABELS, SPACING, TransformMatrix=None)
    with pytest.raises(BadInput, match="how the patient lies"):
        metaimage.read(tmp_path / "a.mha", strict=True)
    np.testing.assert_array_equal(metaimage.read(tmp_path / "a.mha", strict=False)[0], LABELS)
