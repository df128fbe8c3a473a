"""Applying a run to volumes: as in evaluation, in the voxels and with the affine of each file."""

from dataclasses import replace

import nibabel
import numpy as np
import pandas as pd
import pytest

from spinelib import apply
from spinelib.apply.gate.answers import VOLUME_ANSWER
from spinelib.apply.gate.volume_signs import VOLUME_SIGNS
from spinelib.apply.volume import outline_volume, save_like
from spinelib.cases import load_arrays, read_manifest, read_volume
from spinelib.cases.volume import stored_affine
from spinelib.core.errors import BadInput
from spinelib.prediction.predictor import Predictor

from ..cases.volumes import SPACING, lumbar, save_mha, save_nrrd, save_series, save_turned
from .gate.gates import wants
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


def test_what_the_network_answered_on_its_grid_is_kept_with_its_millimetres(trained):
    data = trained.folder.parents[1] / "data" / "own"
    found = outline_volume(trained, data / read_manifest(data)[1].image)
    grid, size = found.on_grid, VOLUME["grid"]
    assert grid.labels.shape == grid.chance.shape == grid.inside.shape == tuple(size)
    assert (grid.labels[~grid.inside] == 0).all()
    assert 0.049 < grid.chance.min() <= grid.chance.max() <= 1
    _, high, wide = found.volume.array.shape
    # The network sees the middle half from front to back, and every slice as it is.
    expected = (SPACING[0], SPACING[1] * high / size[1], SPACING[2] * wide / 2 / size[2])
    assert grid.mm == pytest.approx(expected)


def test_a_volume_that_the_gate_refuses_has_a_reason_and_no_mask(tmp_path, monkeypatch):
    run = Predictor.from_folder(finished(tmp_path / "study", **VOLUME), "cpu")
    save_turned(tmp_path / "in" / "v.nii.gz", lumbar()[0], SPACING, "LIP")
    signs = dict.fromkeys(VOLUME_SIGNS, 0.0) | {"structures": 9.0}
    out, rows = tmp_path / "out", {}
    for least in (9, 10, 12):
        wants(VOLUME_ANSWER, run.card.weights, "structures", least).write(run.folder)
        answers = replace(VOLUME_ANSWER, measure=lambda *given: signs)
        monkeypatch.setattr("spinelib.apply.gate.answers.VOLUME_ANSWER", answers)
        row = apply.apply_run(run, tmp_path / "in", out, progress=False).results.iloc[0]
        rows[row["status"]] = row
        assert (out / "masks" / "v.nii.gz").is_file() == (row["status"] != "refused")
    assert list(rows) == ["ok", "doubtful", "refused"]
    assert rows["ok"]["confidence"] == pytest.approx(0.731, abs=1e-3)
    assert rows["refused"]["reason"].startswith("9 vertebrae and discs found")
    assert rows["refused"]["remedy"] == VOLUME_ANSWER.remedy
    assert rows["refused"]["mm"] == "4;1.5;1.25"
    assert (out / "overlays" / "v.jpg").is_file()


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
