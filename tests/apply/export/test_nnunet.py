"""nnU-Net's raw folders: label maps pixel for pixel, the study's split, and volumes as NIfTI."""

import json

import numpy as np
from PIL import Image

from spinelib.apply import apply_run
from spinelib.apply.export import export_results
from spinelib.cases.volume import read_volume
from spinelib.core.structures import STRUCTURES
from spinelib.prediction.predictor import Predictor
from spinelib.sources import prepare

from ...cases.volumes import save_series
from ..made import VOLUME, finished
from .made import expected, read_back


def test_label_maps_come_back_pixel_for_pixel(results, tmp_path):
    export_results(results, ["nnunet"], tmp_path / "out")
    folder = tmp_path / "out" / "nnunet" / "Dataset501_results"
    _, labels, _ = read_back(folder, tmp_path / "data")
    read, _ = expected(results)
    assert all(np.array_equal(labels[name], read[name]) for name in read)
    facts = json.loads((folder / "dataset.json").read_text())
    assert facts["labels"] == {"background": 0, "spine": 1}
    assert (facts["numTraining"], facts["file_ending"]) == (3, ".png")
    # nnU-Net wants one ending for all, and pictures and labels of one size.
    for path in (folder / "labelsTr").iterdir():
        picture = folder / "imagesTr" / f"{path.stem}_0000.png"
        assert Image.open(picture).size == Image.open(path).size


def test_the_split_of_a_study_is_kept(results, tmp_path):
    source = results.parent / "films"
    export_results(results, ["labelme"], tmp_path / "labelled")
    table = "image,mask,patient,split\n" + "".join(
        f"{source / name},{tmp_path / 'labelled' / 'labelme' / label},{patient},{split}\n"
        for name, label, patient, split in (
            ("p9/plain ü.png", "p9/plain ü.json", "p9", "test"),
            ("oblong.dcm", "oblong.json", "A", "train"),
        )
    )
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "cases.csv").write_text(table, encoding="utf-8")
    prepare("folder", tmp_path / "study" / "data" / "mine", tmp_path / "mine", audit=False)
    export_results(results, ["nnunet"], tmp_path / "out", study=tmp_path / "study")
    folder = tmp_path / "out" / "nnunet" / "Dataset501_results"
    assert [path.name[:8] for path in (folder / "labelsTs").iterdir()] == ["p9_plain"]
    assert sorted(path.name for path in (folder / "labelsTr").iterdir()) == ["oblong.png", "turned.png"]
    assert json.loads((folder / "dataset.json").read_text())["numTraining"] == 2
    # One patient makes no folds.
    assert not (folder / "splits_final.json").exists()


def test_volumes_are_nifti_in_the_voxels_of_their_files(tmp_path):
    grey = np.random.default_rng(0).integers(0, 900, (6, 40, 30)).astype(np.uint16)
    save_series(tmp_path / "volumes" / "ann", grey, (4.0, 1.0, 1.0), PatientID="ann")
    predictor = Predictor.from_folder(finished(tmp_path / "study", **VOLUME), "cpu")
    apply_run(predictor, tmp_path / "volumes", tmp_path / "results", progress=False)
    export_results(tmp_path / "results", ["nnunet"], tmp_path / "out")
    folder = tmp_path / "out" / "nnunet" / "Dataset501_results"
    image, labels = (next((folder / name).iterdir()) for name in ("imagesTr", "labelsTr"))
    assert image.name == f"{labels.name.removesuffix('.nii.gz')}_0000.nii.gz"
    back, mask = read_volume(image), read_volume(labels)
    assert np.array_equal(back.array, read_volume(tmp_path / "volumes" / "ann").array)
    assert np.array_equal(mask.array, read_volume(next((tmp_path / "results" / "masks").iterdir())).array)
    np.testing.assert_allclose(back.affine, mask.affine, atol=1e-4)
    named = json.loads((folder / "dataset.json").read_text())["labels"]
    assert list(named) == ["background", *STRUCTURES]
