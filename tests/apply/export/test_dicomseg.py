"""DICOM SEG: identifiers of the film, a segment for each vertebra, and masks as pydicom and highdicom read them."""

import shutil

import highdicom as hd
import numpy as np
import pydicom
import pytest
from PIL import Image

from spinelib.apply import apply_run
from spinelib.apply.export import export_results
from spinelib.apply.export.dicomseg import _headers
from spinelib.apply.export.results import ReadImage, read_results
from spinelib.apply.find import ImageFile
from spinelib.cases.drawing import draw_quadrilaterals
from spinelib.cases.manifest import read_manifest
from spinelib.cases.readers.landmarks import LEVELS, read_landmarks
from spinelib.cases.volume import read_volume
from spinelib.core.errors import BadInput
from spinelib.core.layout import LANDMARK_TABLE
from spinelib.prediction.predictor import Predictor
from spinelib.sources import prepare

from ...cases.volumes import save_series
from ..made import VOLUME, finished
from .made import OBLONG, PLAIN, TURNED


@pytest.fixture(scope="module")
def written(results, tmp_path_factory):
    into = tmp_path_factory.mktemp("dicomseg") / "out"
    export_results(results, ["dicomseg"], into)
    return into


@pytest.mark.parametrize("name", [OBLONG, TURNED])
def test_a_film_has_a_segment_for_each_vertebra_in_the_pixels_of_its_file(results, written, name):
    segments = hd.seg.segread(written / "dicomseg" / name)
    film = pydicom.dcmread(results.parent / "films" / name)
    for tag in ("StudyInstanceUID", "PatientID", "PatientName"):
        assert segments[tag].value == film[tag].value
    assert segments.SeriesInstanceUID != film.SeriesInstanceUID
    assert segments.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0].ReferencedSOPInstanceUID == (
        film.SOPInstanceUID
    )
    assert [item.SegmentLabel for item in segments.SegmentSequence] == list(LEVELS)
    types = [item.SegmentedPropertyTypeCodeSequence[0].CodeMeaning for item in segments.SegmentSequence]
    assert types == [f"{level} vertebra" for level in LEVELS]
    masks = segments.get_pixels_by_source_instance([film.SOPInstanceUID])[0]
    read = next(each for each in read_results(results, []) if each.image.name == name)
    quads = np.stack([quad for _, quad in read.vertebrae])
    assert masks.shape == (film.Rows, film.Columns, 17)
    for k in range(17):
        assert np.array_equal(masks[..., k], draw_quadrilaterals(quads[k : k + 1], (film.Rows, film.Columns)))


def test_segmentations_beside_their_films_are_learned_from(results, written, tmp_path):
    for name in (OBLONG, TURNED):
        shutil.copy(results.parent / "films" / name, tmp_path / f"film {name}")
        shutil.copy(written / "dicomseg" / name, tmp_path / f"segmentation {name}")
    prepare("folder", tmp_path / "out", tmp_path, audit=False, patients="files")
    found = read_landmarks(tmp_path / "out" / LANDMARK_TABLE)
    cases = {case.case: case for case in read_manifest(tmp_path / "out")}
    for read in read_results(results, []):
        if read.image.name in (OBLONG, TURNED):
            case = f"film {read.image.stem}"
            quads = np.stack([quad for _, quad in read.vertebrae])
            high, wide = pydicom.dcmread(read.image.path).pixel_array.shape
            drawn = draw_quadrilaterals(quads, (high, wide)) > 0
            assert np.array_equal(np.asarray(Image.open(tmp_path / "out" / cases[case].mask)) > 0, drawn)
            # Corners of whole pixels, and those of a film on its side are called as it lies upright.
            assert np.nanmedian(np.abs(np.sort(found[case].reshape(17, -1)) - np.sort(quads.reshape(17, -1)))) < 1.5


def test_what_is_no_dicom_is_left_out_with_the_reason(written):
    assert f"{PLAIN},dicomseg,is no DICOM" in (written / "left_out.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(("mask", "kinds"), [("a.png", "nnunet or labelme"), ("a.nii.gz", "nnunet")])
def test_what_is_no_dicom_is_sent_to_a_kind_that_holds_it(tmp_path, mask, kinds):
    image = ImageFile(tmp_path / "a", "a", "a")
    (tmp_path / "a").write_bytes(b"none")
    with pytest.raises(BadInput, match=rf"Export it as {kinds}\.$"):
        _headers(ReadImage(image, tmp_path / mask, ("spine",), (), {}))


def test_the_same_film_and_network_have_the_same_identifiers(results, written, tmp_path):
    export_results(results, ["dicomseg"], tmp_path / "out")
    one, other = (pydicom.dcmread(folder / "dicomseg" / OBLONG) for folder in (written, tmp_path / "out"))
    assert one.SOPInstanceUID == other.SOPInstanceUID


def test_a_series_has_a_segment_for_each_structure_slice_by_slice(tmp_path):
    grey = np.random.default_rng(0).integers(0, 900, (6, 40, 30)).astype(np.uint16)
    about = {"PatientID": "ann", "StudyInstanceUID": "1.2.9", "FrameOfReferenceUID": "1.2.8"}
    save_series(tmp_path / "volumes" / "ann", grey, (4.0, 1.0, 1.0), **about)
    predictor = Predictor.from_folder(finished(tmp_path / "study", **VOLUME), "cpu")
    apply_run(predictor, tmp_path / "volumes", tmp_path / "results", progress=False)
    export_results(tmp_path / "results", ["dicomseg"], tmp_path / "out")
    segments = hd.seg.segread(next((tmp_path / "out" / "dicomseg").rglob("*.dcm")))
    assert segments.FrameOfReferenceUID == "1.2.8"
    labels = read_volume(next((tmp_path / "results" / "masks").iterdir())).array
    files = [pydicom.dcmread(path) for path in (tmp_path / "volumes" / "ann").iterdir()]
    order = [each.SOPInstanceUID for each in sorted(files, key=lambda each: each.ImagePositionPatient[0])]
    masks = segments.get_pixels_by_source_instance(order)
    names = [item.SegmentLabel for item in segments.SegmentSequence]
    for k, name in enumerate(names):
        number = predictor.card.classes.index(name) + 1
        assert np.array_equal(masks[..., k].astype(bool), labels == number)
