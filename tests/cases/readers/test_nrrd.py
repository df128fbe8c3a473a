"""NRRD files: voxels and affine as their headers state them, segmentations of 3D Slicer, and what is refused."""

import gzip

import numpy as np
import pytest

from spinelib.cases import read_volume
from spinelib.cases.readers import nrrd
from spinelib.core.errors import BadInput

from ..volumes import SPACING, lumbar, save_nrrd

IMAGE, LABELS = lumbar()


@pytest.mark.parametrize("encoding", ["raw", "gzip"])
def test_voxels_come_first_axis_fastest_and_places_in_ras(tmp_path, encoding):
    save_nrrd(tmp_path / "a.nrrd", IMAGE, SPACING, encoding=encoding)
    values, affine, remark = nrrd.read(tmp_path / "a.nrrd", strict=True)
    np.testing.assert_array_equal(values, IMAGE)
    assert (values.dtype, remark) == (np.int16, "")
    # Directions left, down and back, in mm; the origin -12 -30 45 is in LPS.
    np.testing.assert_allclose(affine[:3, :3], [[-4, 0, 0], [0, 0, -1.25], [0, -1.5, 0]])
    np.testing.assert_allclose(affine[:3, 3], [12, 30, 45])
    shape, stated = nrrd.geometry(tmp_path / "a.nrrd")
    assert shape == IMAGE.shape
    np.testing.assert_array_equal(stated, affine)
    np.testing.assert_array_equal(read_volume(tmp_path / "a.nrrd").array, IMAGE)


@pytest.mark.parametrize(
    ("space", "signs"),
    [
        ("LPS", (-1, -1, 1)),
        ("right-anterior-superior", (1, 1, 1)),
        ("RAS", (1, 1, 1)),
        ("left-anterior-superior", (-1, 1, 1)),
    ],
)
def test_the_space_says_where_the_directions_run(tmp_path, space, signs):
    save_nrrd(tmp_path / "a.nrrd", IMAGE, SPACING, space=space)
    affine = nrrd.geometry(tmp_path / "a.nrrd")[1]
    np.testing.assert_allclose(affine[:3, :3], np.diag(signs) @ [[4, 0, 0], [0, 0, 1.25], [0, -1.5, 0]])
    np.testing.assert_allclose(affine[:3, 3], np.array(signs) * (-12, -30, 45))


def test_the_other_byte_order_and_floats_give_the_same_numbers(tmp_path):
    save_nrrd(tmp_path / "a.nrrd", IMAGE.byteswap(), SPACING, endian="big")
    np.testing.assert_array_equal(nrrd.read(tmp_path / "a.nrrd", strict=True)[0], IMAGE)
    save_nrrd(tmp_path / "b.nrrd", IMAGE.astype(np.float64) + 0.5, SPACING)
    values = nrrd.read(tmp_path / "b.nrrd", strict=True)[0]
    assert values.dtype == np.float32
    np.testing.assert_array_equal(values, IMAGE + 0.5)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"space": None}, "does not say how the patient lies .its space is nothing."),
        ({"space": "3D-right-handed"}, "does not say how the patient lies .its space is 3D-right-handed."),
        ({"space": "scanner-xyz"}, "does not say how the patient lies"),
        ({"space directions": None}, "does not say how the patient lies"),
        ({"space directions": "(4,0,0) (0,0,-1.5) (0,0,0)"}, "singular or not finite"),
        ({"space directions": "(4,0,0) (1,0,-1.5) (0,1.25,0)"}, "not at right angles"),
        ({"space units": '"m" "m" "m"'}, "not mm"),
        ({"sizes": "8 60 48"}, "cut short .40320 of 46080 bytes"),
        ({"sizes": "6 60 48"}, "more than the 34560 bytes"),
        ({"sizes": "3000 3000 3000"}, "27000 million voxels"),
        ({"sizes": "-7 60 48"}, "no voxels along an axis"),
        ({"encoding": "text"}, "holds its voxels as text"),
        ({"encoding": "bzip2"}, "holds its voxels as bzip2"),
        ({"byte skip": "4"}, "skips bytes"),
        ({"line skip": "1"}, "skips bytes"),
        ({"type": "block"}, "no readable NRRD"),
        ({"data file": "b.raw"}, "b.raw, which is not there"),
        ({"data file": "LIST"}, "several files"),
        ({"data file": "b%03d.raw 1 7 1"}, "several files"),
        ({"data file": "/etc/hostname"}, "another folder"),
        ({"data file": "x/../../b.raw"}, "another folder"),
    ],
)
def test_what_is_not_stated_or_not_so_is_refused(tmp_path, changes, words, capfd):
    save_nrrd(tmp_path / "a.nrrd", IMAGE, SPACING, **changes)
    with pytest.raises(BadInput, match=words) as error:
        read_volume(tmp_path / "a.nrrd")
    assert error.value.remedy
    assert "itk" not in str(error.value).lower()
    # What ITK says itself reaches nobody.
    assert capfd.readouterr() == ("", "")


def test_several_numbers_per_voxel_are_refused(tmp_path):
    vectors = np.stack([IMAGE, IMAGE, IMAGE])
    directions = "none (4,0,0) (0,0,-1.5) (0,1.25,0)"
    save_nrrd(
        tmp_path / "a.nrrd", vectors, SPACING, **{"space directions": directions, "kinds": "vector" + 3 * " domain"}
    )
    with pytest.raises(BadInput, match="has 4 axes"):
        read_volume(tmp_path / "a.nrrd")


def test_every_flipped_bit_of_a_packed_file_is_found(tmp_path):
    save_nrrd(tmp_path / "a.nrrd", IMAGE, SPACING, encoding="gzip")
    good, random = (tmp_path / "a.nrrd").read_bytes(), np.random.default_rng(1)
    start = good.index(b"\n\n") + 14
    for _ in range(20):
        bad = bytearray(good)
        bad[random.integers(start, len(bad))] ^= 1 << int(random.integers(8))
        (tmp_path / "a.nrrd").write_bytes(bad)
        with pytest.raises(BadInput, match=r"damaged|more than"):
            read_volume(tmp_path / "a.nrrd")


def test_voxels_beside_their_header_are_read_from_its_folder(tmp_path):
    save_nrrd(tmp_path / "a.nhdr", IMAGE, SPACING, beside="voxels/a.raw")
    np.testing.assert_array_equal(nrrd.read(tmp_path / "a.nhdr", strict=True)[0], IMAGE)
    assert nrrd.voxel_file(tmp_path / "a.nhdr") == tmp_path / "voxels" / "a.raw"
    (tmp_path / "voxels" / "a.raw").write_bytes(b"short")
    with pytest.raises(BadInput, match=r"cut short .5 of 40320 bytes"):
        nrrd.read(tmp_path / "a.nhdr", strict=True)


def segmentation(path, layers, segments, **changes):
    """A segmentation as Slicer writes it; segments: (name, value, layer)."""
    keys = {}
    for k, (name, value, layer) in enumerate(segments):
        facts = {"ID": f"Segment_{k + 1}", "Name": name, "LabelValue": value, "Layer": layer}
        keys |= {f"Segment{k}_{what}": said for what, said in facts.items() if said is not None}
    several = layers.ndim == 4
    fields = {
        "space directions": "none (4,0,0) (0,0,-1.5) (0,1.25,0)" if several else "(4,0,0) (0,0,-1.5) (0,1.25,0)",
        "kinds": "list domain domain domain" if several else "domain domain domain",
    }
    save_nrrd(path, layers, SPACING, encoding="gzip", keys=keys, **fields, **changes)


def test_a_segmentation_of_one_layer_is_its_label_map(tmp_path):
    segmentation(tmp_path / "a.seg.nrrd", LABELS, [("L5", 2, 0), ("Lendenwirbel ü", 3, 0)])
    np.testing.assert_array_equal(nrrd.read(tmp_path / "a.seg.nrrd", strict=True)[0], LABELS)
    assert nrrd.named_segments(tmp_path / "a.seg.nrrd") == {2: "L5", 3: "Lendenwirbel ü"}
    save_nrrd(tmp_path / "b.nrrd", IMAGE, SPACING)
    assert nrrd.named_segments(tmp_path / "b.nrrd") == {}


@pytest.mark.parametrize("layer", [(0, 1), (None, None)])
def test_layers_become_one_label_map(tmp_path, layer):
    layers = np.stack([LABELS == 2, LABELS == 3]).astype(np.uint8)
    value = None if layer[0] is None else 1
    segmentation(tmp_path / "a.seg.nrrd", layers, [("L5", value, layer[0]), ("L4", value, layer[1])])
    values, affine, _ = nrrd.read(tmp_path / "a.seg.nrrd", strict=True)
    np.testing.assert_array_equal(values, np.select([LABELS == 2, LABELS == 3], [1, 2], 0))
    np.testing.assert_allclose(affine[:3, 3], [12, 30, 45])
    assert nrrd.named_segments(tmp_path / "a.seg.nrrd") == {1: "L5", 2: "L4"}


def test_segments_that_overlap_are_refused(tmp_path):
    layers = np.stack([LABELS == 2, LABELS > 0]).astype(np.uint8)
    segmentation(tmp_path / "a.seg.nrrd", layers, [("L5", 1, 0), ("all", 1, 1)])
    with pytest.raises(BadInput, match=r"segments that overlap .L5 and all."):
        nrrd.read(tmp_path / "a.seg.nrrd", strict=True)
    segmentation(tmp_path / "b.seg.nrrd", LABELS, [("L5", 2, 0), ("again", 2, 0)])
    with pytest.raises(BadInput, match="overlap"):
        nrrd.read(tmp_path / "b.seg.nrrd", strict=True)
    segmentation(tmp_path / "c.seg.nrrd", layers, [("L5", 1, 0), ("L4", 1, 5)])
    with pytest.raises(BadInput, match="no layer 5"):
        nrrd.read(tmp_path / "c.seg.nrrd", strict=True)


def test_bytes_that_are_no_nrrd_are_refused(tmp_path):
    (tmp_path / "a.nrrd").write_bytes(bytes(range(256)) * 40)
    with pytest.raises(BadInput, match="not a NRRD file"):
        read_volume(tmp_path / "a.nrrd")
    (tmp_path / "b.nrrd").write_bytes(gzip.compress(b"NRRD0004\n"))
    with pytest.raises(BadInput, match="not a NRRD file"):
        read_volume(tmp_path / "b.nrrd")
