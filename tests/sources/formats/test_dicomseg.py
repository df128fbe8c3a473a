"""DICOM segmentations beside DICOM films, made here bit by bit."""

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

from spinelib.cases.readers.landmarks import read_landmarks
from spinelib.core.errors import BadInput
from spinelib.core.layout import LANDMARK_TABLE
from spinelib.sources.formats.dicomseg import SEGMENTATION

from ...cases.films import film
from ...cases.readers.dicoms import dicom
from .films import SHAPE, films, masks_are_true, run, save, truth


def uid_film(folder, name, uid):
    folder.mkdir(parents=True, exist_ok=True)
    return dicom(folder / name, film(*SHAPE, seed=len(name)).astype(np.uint16), SOPInstanceUID=uid, PatientID=name)


def item(**elements):
    found = Dataset()
    for name, value in elements.items():
        setattr(found, name, value)
    return found


def segmentation(path, uid, segments, number="9", source=True, fractional=False):
    """A segmentation of the film `uid`: a frame for each of `segments` (label, bool [H, W])."""
    path.parent.mkdir(parents=True, exist_ok=True)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = SEGMENTATION, f"1.2.{number}"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    one = pydicom.FileDataset(path, {}, file_meta=meta, preamble=b"\0" * 128)
    one.SOPClassUID, one.SOPInstanceUID, one.Modality = SEGMENTATION, f"1.2.{number}", "SEG"
    named = item(ReferencedSOPInstanceUID=uid)
    one.ReferencedSeriesSequence = Sequence([item(ReferencedInstanceSequence=Sequence([named]))])
    kinds = [item(SegmentNumber=k, SegmentLabel=name) for k, (name, _) in enumerate(segments, 1)]
    one.SegmentSequence, frames = Sequence(kinds), []
    for k in range(1, len(segments) + 1):
        frames.append(item(SegmentIdentificationSequence=Sequence([item(ReferencedSegmentNumber=k)])))
        if source:
            frames[-1].DerivationImageSequence = Sequence([item(SourceImageSequence=Sequence([named]))])
    one.PerFrameFunctionalGroupsSequence = Sequence(frames)
    pixels = np.stack([mask for _, mask in segments]).astype(np.uint8)
    one.Rows, one.Columns, one.NumberOfFrames, one.SamplesPerPixel = *SHAPE, len(segments), 1
    one.PhotometricInterpretation, one.PixelRepresentation = "MONOCHROME2", 0
    bits = 8 if fractional else 1
    one.BitsAllocated, one.BitsStored, one.HighBit = bits, bits, bits - 1
    if fractional:
        one.MaximumFractionalValue = 200
    content = (pixels * 150).tobytes() if fractional else np.packbits(pixels.ravel(), bitorder="little").tobytes()
    one.PixelData = content + b"\0" * (len(content) % 2)
    one.save_as(path, enforce_file_format=True)
    return path


def spine():
    return [("spine", truth() > 0)]


@pytest.mark.parametrize("options", [{}, {"source": False}, {"fractional": True}])
def test_segmentations_are_found_by_the_film_that_they_name_wherever_they_lie(tmp_path, options):
    for k, name in enumerate(("a.dcm", "b.dcm")):
        uid_film(tmp_path / "in" / "films", name, f"1.2.3.{k}")
        segmentation(tmp_path / "in" / "seg" / f"x{k}.dcm", f"1.2.3.{k}", spine(), f"9.{k}", **options)
    cases, problems, uses = run(tmp_path / "in")
    assert set(cases) == {"a", "b"}
    assert problems == []
    assert masks_are_true(tmp_path / "out", cases)
    assert {use.use for use in uses.values()} == {"used"}


def test_named_vertebrae_have_the_corners_of_their_segments(tmp_path):
    boxes = [(f"T{k}", np.zeros(SHAPE, bool)) for k in range(1, 5)]
    for k, (_, box) in enumerate(boxes):
        box[10 + 20 * k : 25 + 20 * k, 20:40] = True
    for k, name in enumerate(("a.dcm", "b.dcm")):
        uid_film(tmp_path / "in", name, f"1.2.3.{k}")
        segmentation(tmp_path / "in" / f"seg{k}.dcm", f"1.2.3.{k}", boxes, f"9.{k}")
    cases, problems, _ = run(tmp_path / "in")
    assert len(cases) == 2
    assert all(case.landmarks for case in cases.values())
    corners = read_landmarks(tmp_path / "out" / LANDMARK_TABLE)["a"]
    assert corners[1] == pytest.approx(np.array([[19.5, 29.5], [39.5, 29.5], [19.5, 44.5], [39.5, 44.5]]), abs=1e-3)
    assert np.isnan(corners[4:]).all()
    assert [problem for problem in problems if problem.action == "excluded"] == []


def test_what_belongs_to_no_film_or_to_one_that_has_another_is_told(tmp_path):
    for k, name in enumerate(("a.dcm", "b.dcm", "c.dcm")):
        uid_film(tmp_path / "in", name, f"1.2.3.{k}")
        segmentation(tmp_path / "in" / f"seg{k}.dcm", f"1.2.3.{k}", spine(), f"9.{k}")
    segmentation(tmp_path / "in" / "more.dcm", "1.2.3.2", spine(), "9.7")
    segmentation(tmp_path / "in" / "far.dcm", "1.2.3.99", spine(), "9.8")
    cases, problems, _ = run(tmp_path / "in")
    assert set(cases) == {"a", "b"}
    said = {problem.case: problem.problem for problem in problems}
    assert said["far"] == "outlines an image that is not there"
    assert said["c"] == "is outlined in several files (more.dcm, seg2.dcm)"


def test_a_damaged_one_and_one_of_an_unknown_structure_are_told(tmp_path):
    for k, name in enumerate(("a.dcm", "b.dcm", "c.dcm", "d.dcm")):
        uid_film(tmp_path / "in", name, f"1.2.3.{k}")
        label = "rib" if name == "d.dcm" else "spine"
        segmentation(tmp_path / "in" / f"seg{k}.dcm", f"1.2.3.{k}", [(label, truth() > 0)], f"9.{k}")
    broken = pydicom.dcmread(tmp_path / "in" / "seg2.dcm")
    del broken.SegmentSequence
    broken.save_as(tmp_path / "in" / "seg2.dcm")
    cases, problems, _ = run(tmp_path / "in")
    assert set(cases) == {"a", "b"}
    said = {problem.case: problem.problem for problem in problems}
    assert said["c"].startswith("is no segmentation that can be read")
    assert said["d"] == "has labels called 'rib'"


def test_segmentations_without_their_films_say_what_to_do(tmp_path):
    for k in range(2):
        segmentation(tmp_path / "in" / f"seg{k}.dcm", f"1.2.3.{k}", spine(), f"9.{k}")
    with pytest.raises(BadInput, match=r"outlines an image that is not there.*Put the DICOM film beside it"):
        run(tmp_path / "in")


def test_films_that_are_no_dicom_have_other_layouts(tmp_path):
    films(tmp_path / "in", ["a.png", "b.png"])
    for name in "ab":
        save(tmp_path / "in" / f"{name}_mask.png", truth())
    assert set(run(tmp_path / "in")[0]) == {"a", "b"}
