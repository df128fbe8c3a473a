"""Applying a run to volumes: as in evaluation, in the voxels and with the affine of each file."""

import nibabel
import numpy as np
import pandas as pd
import pytest

from spinelib import apply
from spinelib.apply.volume import outline_volume, save_like
from spinelib.cases import load_arrays, read_manifest, read_volume
from spinelib.cases.volume import stored_affine
from spinelib.core.errors import BadInput
from spinelib.prediction.predictor import Predictor

from ..cases.volumes import SPACING, lumbar, save_mha, save_nrrd, save_series, save_turned
from .made import VOLUME, finished


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    return Predictor.from_folder(finished(tmp_path_factory.mktemp("study"), **VOLUME), "cpu")


def test_the_map_is_that_of_the_evaluation(trained):
    data = trained.folder.parents[1] / "data" / "own"
    expected = trained.native_labels(load_arrays(data, tuple(VOLUME["grid"])), 1)
    found = outline_volume(trained, data / read_manifest(data)[1].image)
    assert np.array_equal(expected, found.labels)
    assert found.labels.any()


@pytest.mark.parametrize("axes", ["RAS", "LIP", "PSR", "IPR"])
def test_the_mask_lies_where_its_volume_lies(tmp_path, axes):
    image, labels = lumbar()
    save_turned(tmp_path / "v.nii.gz", image, SPACING, axes)
    save_like(tmp_path / "mask.nii.gz", labels, read_volume(tmp_path / "v.nii.gz"), tmp_path / "v.nii.gz")
    one, other = (nibabel.load(tmp_path / name) for name in ("v.nii.gz", "mask.nii.gz"))
    assert one.shape == other.shape
    assert np.array_equal(one.affine, other.affine)
    assert np.array_equal(read_volume(tmp_path / "mask.nii.gz").array, labels)


def test_series_and_metaimages_keep_their_geometry_as_nifti(trained, tmp_path):
    source = tmp_path / "in"
    image, _ = lumbar()
    save_series(source / "a series", image, SPACING)
    save_mha(source / "b.mha", image, SPACING)
    save_nrrd(source / "e.nrrd", image, SPACING, space="RAS")
    (source / "c.nii.gz").write_text("no volume")
    (source / "d.png").write_text("no volume either")
    applied = apply.apply_run(trained, source, tmp_path / "out", progress=False)
    assert (applied.made, applied.failed, applied.ignored) == (3, 1, 1)
    for name in ("a series", "b.mha", "e.nrrd"):
        shape, affine = stored_affine(source / name)
        mask = nibabel.load(tmp_path / "out" / "masks" / f"{name.split('.')[0]}.nii.gz")
        assert mask.shape == tuple(shape)
        assert np.allclose(mask.affine, affine, atol=1e-5)
        assert mask.get_data_dtype() == np.uint8
    table = pd.read_csv(tmp_path / "out" / "results.csv", keep_default_na=False).set_index("file")
    assert table.loc["a series", "mm"] == "4;1.5;1.25"
    files = pd.read_csv(tmp_path / "out" / "files.csv", keep_default_na=False).set_index("file")
    assert files.loc["d.png", ["use", "reason"]].tolist() == ["ignored", "is a film; the network reads volumes"]
    assert apply.apply_run(trained, source, tmp_path / "out", progress=False).before == 3
    assert apply.apply_run(trained, source / "a series", tmp_path / "one", progress=False).made == 1


def test_remarks_of_the_reader_are_kept_and_volumes_are_outlined_alike(trained, tmp_path):
    source = tmp_path / "in"
    image, _ = lumbar()
    save_turned(source / "plain.nii.gz", image, SPACING, "LIP")
    save_series(source / "series", image, SPACING)
    (source / "series" / "notes.txt").write_text("no slice")
    # The matrix that programs write unasked, on equal voxels.
    nibabel.save(nibabel.Nifti1Image(image, np.eye(4)), source / "unset.nii.gz")
    apply.apply_run(trained, source, tmp_path / "out", progress=False)
    table = pd.read_csv(tmp_path / "out" / "results.csv", keep_default_na=False).set_index("file")
    assert table.loc["series", "remark"].startswith("passed over: notes.txt (no slices of this series)")
    assert table.loc["unset.nii.gz", "remark"].startswith("the affine is the identity")
    assert "affine" not in table.loc["plain.nii.gz", "remark"]
    one, other = (read_volume(tmp_path / "out" / "masks" / f"{name}.nii.gz") for name in ("plain", "series"))
    np.testing.assert_array_equal(one.array, other.array)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda file: file[:-9], "damaged or cut short"),
        (lambda file: file[:3000] + bytes([file[3000] ^ 4]) + file[3001:], "damaged"),
    ],
)
def test_a_damaged_volume_is_not_outlined(trained, tmp_path, change, words):
    save_turned(tmp_path / "v.nii.gz", lumbar()[0], SPACING, "LIP")
    (tmp_path / "v.nii.gz").write_bytes(change((tmp_path / "v.nii.gz").read_bytes()))
    with pytest.raises(BadInput, match=words):
        outline_volume(trained, tmp_path / "v.nii.gz")


def test_a_segmentation_is_no_image(trained, tmp_path):
    keys = {"Segment0_ID": "Segment_1", "Segment0_LabelValue": 2, "Segment0_Name": "L5"}
    save_nrrd(tmp_path / "v.seg.nrrd", lumbar()[1], SPACING, keys=keys)
    with pytest.raises(BadInput, match="is a segmentation"):
        outline_volume(trained, tmp_path / "v.seg.nrrd")


def test_labels_of_another_shape_are_refused(tmp_path):
    image, labels = lumbar()
    save_turned(tmp_path / "v.nii.gz", image, SPACING, "LIP")
    with pytest.raises(ValueError, match="do not fit"):
        save_like(tmp_path / "m.nii.gz", labels[1:], read_volume(tmp_path / "v.nii.gz"), tmp_path / "v.nii.gz")


def test_films_for_a_run_of_volumes_are_told_so(trained, tmp_path):
    (tmp_path / "x.png").write_text("a film")
    with pytest.raises(BadInput, match="is no volume"):
        outline_volume(trained, tmp_path / "x.png")


def test_the_patient_of_a_series_is_in_the_table(trained, tmp_path):
    said = {"PatientID": "P 7", "StudyDate": "20240131", "Laterality": "L", "AccessionNumber": "A 77"}
    save_series(tmp_path / "in" / "s", lumbar()[0], SPACING, **said)
    for hidden in (False, True):
        apply.apply_run(trained, tmp_path / "in", tmp_path / f"{hidden}", progress=False, hash_patients=hidden)
        row = pd.read_csv(tmp_path / f"{hidden}" / "results.csv", dtype=str, keep_default_na=False).iloc[0]
        assert (row["patient"] == "P 7", row["accession"] == "A 77") == (not hidden, not hidden)
        assert (row["study_date"], row["laterality"]) == ("20240131", "L")
