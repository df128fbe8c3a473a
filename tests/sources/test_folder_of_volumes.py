"""Anybody's own volumes through `folder`: NIfTI, MetaImage and DICOM, own label numbers, partial labels, bad files."""

import numpy as np
import pytest

from spinelib.cases import load_arrays, read_classes, read_volume
from spinelib.cases.labelled import read_labelled
from spinelib.core.structures import STRUCTURES

from ..cases.volumes import SPACING, lumbar, save_mha, save_series
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
        save_mha(source / "images" / f"p{k}.mha", image, SPACING, compressed=bool(k))
        save(source / "masks" / f"p{k}_seg.nii.gz", labels)
    _, cases, problems = run("folder", source, classes=NAMES)
    assert set(cases) == {"p0", "p1"}
    # The two headers put the first voxel elsewhere: said.
    assert all("off the grid of its volume" in problem.problem for problem in problems.values())


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
