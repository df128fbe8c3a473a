"""Anybody's own volumes through `folder`: NIfTI, MetaImage and DICOM, own label numbers, partial labels, bad files."""

import nibabel
import numpy as np
import pytest

from spinelib.cases import load_arrays, read_classes, read_problems, read_volume
from spinelib.cases.labelled import read_labelled
from spinelib.cases.volume import IDENTITY
from spinelib.cases.volumes import read_pair
from spinelib.core.errors import BadInput
from spinelib.core.structures import STRUCTURES

from ..cases.volumes import SPACING, lumbar, save_mha, save_nrrd, save_series
from .volumes import no_orientation, pair, run, save, write_rows

NAMES = ",".join(STRUCTURES)


@pytest.fixture
def source(tmp_path):
    source = tmp_path / "in"
    for k in range(3):
        pair(source / "images" / f"p{k}.nii.gz", source / "masks" / f"p{k}.nii.gz", k)
    return source


def test_nifti_in_images_and_masks(source):
    out, cases, problems = run("folder", source, classes=NAMES)
    assert set(cases) == {"p0", "p1", "p2"}
    assert problems == {}
    assert {(case.view, case.modality) for case in cases.values()} == {("sagittal", "mr")}
    assert cases["p0"].spacing == (1.5, 1.25)
    assert read_classes(out) == STRUCTURES
    assert load_arrays(out, (8, 64, 32)).images.shape == (3, 1, 8, 64, 32)


def test_a_folder_of_dicom_slices_is_a_volume(tmp_path):
    source = tmp_path / "in"
    image, labels = lumbar()
    for k in range(2):
        save_series(source / "images" / f"p{k}", (image + k).astype(np.uint16), SPACING, uid=f"1.2.{k + 3}")
        save_series(source / "masks" / f"p{k}", labels.astype(np.uint16), SPACING, uid=f"1.3.{k + 3}")
    out, cases, problems = run("folder", source, classes=NAMES)
    assert set(cases) == {"p0", "p1"}
    assert problems == {}
    arrays = load_arrays(out, (8, 64, 32))
    assert np.allclose(arrays.spacing * arrays.frames[:, :3], SPACING)


def test_metaimage_with_nifti_labels(tmp_path):
    source = tmp_path / "in"
    for k in range(2):
        image, labels = lumbar(seed=k)
        place = {"Offset": "-12 -29.375 44.25"}
        save_mha(source / "images" / f"p{k}.mha", image, SPACING, compressed=bool(k), **place)
        save(source / "masks" / f"p{k}_seg.nii.gz", labels)
    _, cases, problems = run("folder", source, classes=NAMES)
    assert set(cases) == {"p0", "p1"}
    assert problems == {}


def test_an_identity_affine_is_a_row_of_a_kept_volume(source):
    for part in ("images", "masks"):
        array = np.asarray(nibabel.load(source / part / "p1.nii.gz").dataobj)
        nibabel.save(nibabel.Nifti1Image(np.array(array), np.eye(4)), source / part / "p1.nii.gz")
    out, cases, _ = run("folder", source, classes=NAMES)
    assert set(cases) == {"p0", "p1", "p2"}
    rows = [(row.case, row.action) for row in read_problems(out) if row.problem == IDENTITY]
    # The volume and its label map alike.
    assert rows == [("p1", "kept")] * 2


def slicer(source, names, cut=slice(None)):
    """Volumes as NRRD, each with a segmentation cut to a part of it; gives the labels."""
    made = []
    for k in range(2):
        image, labels = lumbar(seed=k)
        labels[~np.isin(labels, list(names))] = 0
        save_nrrd(source / "images" / f"p{k}.nrrd", image, SPACING, encoding="gzip")
        keys = {}
        for n, (value, name) in enumerate(names.items()):
            keys |= {f"Segment{n}_ID": f"Segment_{n + 1}", f"Segment{n}_LabelValue": value, f"Segment{n}_Name": name}
        origin = {"space origin": f"(-12,{-30 + 1.25 * (cut.start or 0)},45)"}
        save_nrrd(source / "masks" / f"p{k}.seg.nrrd", labels[:, :, cut].copy(), SPACING, keys=keys, **origin)
        made.append(labels)
    return made


def test_segments_of_slicer_are_structures_by_their_names(tmp_path):
    # Numbers as Slicer gives them, in an order of its own; the map covers a part of its volume.
    made = slicer(tmp_path / "in", {2: "l4 ", 3: "L5", 12: "L4/L5"}, slice(10, 40))
    out, cases, problems = run("folder", tmp_path / "in", classes=NAMES)
    assert set(cases) == {"p0", "p1"}
    assert {problem.action for problem in problems.values()} == {"kept"}
    for k, labels in enumerate(made):
        found = read_volume(out / cases[f"p{k}"].mask).array
        wanted = np.select([labels == 2, labels == 3, labels == 12], [3, 2, 12], 0)
        np.testing.assert_array_equal(found, wanted)
    # What no segment is called was not labelled.
    assert set(read_labelled(out)["p0"]) == {"L4", "L5", "L4/L5"}


def test_segments_without_known_names_keep_their_numbers_with_a_row(tmp_path):
    made = slicer(tmp_path / "in", {2: "Segment_1", 3: "Segment_2"})
    out, cases, problems = run("folder", tmp_path / "in", classes=NAMES)
    np.testing.assert_array_equal(read_volume(out / cases["p0"].mask).array, made[0])
    assert "its segments (Segment_1, Segment_2) have none of the structures' names" in problems["p0"].problem
    assert problems["p0"].action == "kept"


def test_segments_of_other_names_beside_known_ones_are_refused(tmp_path):
    slicer(tmp_path / "in", {2: "L5", 3: "tumour"})
    with pytest.raises(BadInput, match=r"segments that are none of the structures \(tumour\)"):
        run("folder", tmp_path / "in", classes=NAMES)


def test_a_damaged_stream_is_a_row(source):
    file = source / "images" / "p1.nii.gz"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 16
    file.write_bytes(content)
    _, cases, problems = run("folder", source, classes=NAMES)
    assert set(cases) == {"p0", "p2"}
    assert "damaged" in problems["p1"].problem


def test_a_missing_slice_is_a_row_that_names_its_file(tmp_path):
    source = tmp_path / "in"
    image, labels = lumbar()
    for k in range(3):
        save_series(source / "images" / f"p{k}", (image + k).astype(np.uint16), SPACING, uid=f"1.2.{k + 3}")
        save_series(source / "masks" / f"p{k}", labels.astype(np.uint16), SPACING, uid=f"1.3.{k + 3}")
    (source / "images" / "p1" / "IM0011").write_bytes(b"")
    _, cases, problems = run("folder", source, classes=NAMES)
    assert set(cases) == {"p0", "p2"}
    assert problems["p1"].file.endswith("IM0011")
    assert problems["p1"].problem == "is empty (0 bytes): a slice of its series may be missing"


def test_bad_files_are_rows_that_name_file_reason_and_remedy(source):
    image, labels = lumbar(seed=9)
    for name in ("short", "nan", "small", "bare", "odd", "empty"):
        save(source / "images" / f"{name}.nii.gz", image)
        save(source / "masks" / f"{name}.nii.gz", labels)
    short = source / "images" / "short.nii.gz"
    short.write_bytes(short.read_bytes()[:2000])
    save(source / "images" / "nan.nii.gz", np.where(labels > 3, np.inf, 1).astype(np.float32))
    save(source / "images" / "small.nii.gz", image[:, :8, :8])
    no_orientation(source / "images" / "bare.nii.gz")
    save(source / "masks" / "odd.nii.gz", labels + 30)
    (source / "images" / "empty.nii.gz").write_bytes(b"")
    _, cases, problems = run("folder", source, classes=NAMES)
    assert set(cases) == {"p0", "p1", "p2"}
    reasons = {
        "short": "damaged or cut short",
        "nan": "NaN or infinite",
        "small": "too small to show a spine",
        "bare": "does not say how the patient lies",
        "odd": "no label",
        "empty": "",
    }
    for name, words in reasons.items():
        assert words in problems[name].problem
        assert problems[name].file.endswith(f"{name}.nii.gz")
        assert problems[name].remedy
        assert problems[name].action == "excluded"


def test_own_numbers_become_known_names(source):
    values = {2: 20, 3: 21, 4: 22, 12: 100}
    for k in range(3):
        labels = lumbar(seed=k)[1]
        save(source / "masks" / f"p{k}.nii.gz", sum((labels == old) * new for old, new in values.items()))
    rows = [(20, "L5"), (21, "L4"), (22, "L3"), (100, "L4/L5"), (7, "")]
    write_rows(source / "labels.csv", ("value", "structure"), rows)
    out, cases, _ = run("folder", source)
    assert read_classes(out) == STRUCTURES
    assert read_labelled(out)["p0"] == ("L5", "L4", "L3", "L4/L5")
    found = read_volume(out / cases["p1"].mask).array
    assert set(np.unique(found)) == {0, 2, 3, 4, 12}


def test_partial_labels_of_a_case_are_named_by_the_user(source):
    save(source / "masks" / "p1.nii.gz", np.where(lumbar(seed=1)[1] == 4, 4, 0))
    write_rows(source / "labelled.csv", ("case", "structures"), [("p1", "L3")])
    out, _, _ = run("folder", source, classes=NAMES)
    known = load_arrays(out, (8, 64, 32)).known
    assert known.sum(1).tolist() == [19, 1, 19]


def test_spine_outside_of_the_middle_is_remarked(tmp_path):
    source = tmp_path / "in"
    for k in range(2):
        image, labels = lumbar(seed=k)
        save(source / "images" / f"p{k}.nii.gz", np.roll(image, -10, 2))
        save(source / "masks" / f"p{k}.nii.gz", np.roll(labels, -10, 2))
    _, cases, problems = run("folder", source, classes=NAMES)
    assert set(cases) == {"p0", "p1"}
    assert "lie outside of the middle half" in problems["p0"].problem
    assert problems["p0"].action == "kept"


def test_the_users_files_are_not_touched(source):
    def listing():
        return {path: (path.stat().st_size, path.stat().st_mtime_ns) for path in source.rglob("*")}

    before = listing()
    run("folder", source, classes=NAMES)
    assert listing() == before


def test_numbers_of_one_structure_mean_in_volumes_what_they_mean_in_masks(tmp_path):
    source, truths = tmp_path / "in", {}
    for k in range(4):

        def change(labels, k=k):
            one = (labels > 0).astype(np.int16)
            one[:, :2] = 255 if k == 0 else one[:, :2]
            return one * (labels if k == 1 else 1)

        (source / "images").mkdir(parents=True, exist_ok=True)
        labels = pair(source / "images" / f"p{k}.nii.gz", source / "masks" / f"p{k}.nii.gz", seed=k, change=change)
        truths[f"p{k}"] = (labels > 0) & (labels != 255)
    out, cases, problems = run("folder", source)
    for name, case in cases.items():
        np.testing.assert_array_equal(read_pair(out, case, 1)[1], truths[name])
    assert "255 in" in problems["p0"].problem
    assert "count as one structure" in problems["p1"].problem


def test_segments_that_labels_csv_calls_otherwise_are_refused(tmp_path):
    source = tmp_path / "in"
    slicer(source, {2: "L4", 3: "L5"})
    write_rows(source / "labels.csv", ("value", "structure"), [(2, "L5"), (3, "L4")])
    with pytest.raises(BadInput, match="named by its own segments in another way than by labels"):
        run("folder", source)
