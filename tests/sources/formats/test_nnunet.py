"""imagesTr/, labelsTr/ and dataset.json."""

from pathlib import Path

import nibabel
import numpy as np
import pytest

from spinelib.cases import load_arrays, read_classes, read_mask
from spinelib.cases.readers.label_names import read_label_names
from spinelib.core.errors import BadInput

from ..volumes import lumbar
from ..volumes import save as save_volume
from .films import SHAPE, films, masks_are_true, run, save, truth, write_json


def sound(source, labels, ending="_0000", count=3):
    films(source / "imagesTr", [f"film_{k:03d}{ending}.png" for k in range(count)])
    for k in range(count):
        save(source / "labelsTr" / f"film_{k:03d}.png", truth())
    write_json(source / "dataset.json", {"labels": labels, "channel_names": {"0": "xray"}, "file_ending": ".png"})
    return source


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        ({"background": 0, "spine": 1}, ("spine",)),
        ({"0": "background", "1": "Vertebra"}, ("spine",)),
        ({"background": 0, "L5": 1, "disc": 2, "ignore": 3}, ("L5", "disc")),
    ],
)
@pytest.mark.parametrize("ending", ["_0000", ""])
def test_films_with_the_structures_that_are_named(tmp_path, labels, classes, ending):
    cases, problems, uses = run(sound(tmp_path / "in", labels, ending))
    assert set(cases) == {"film_000", "film_001", "film_002"}
    said = ["calls the value 3 'ignore': it counts as background"] if "ignore" in labels else []
    assert [problem.problem for problem in problems] == said
    assert read_classes(tmp_path / "out") == classes
    assert masks_are_true(tmp_path / "out", cases, 1, classes)
    assert {use.use for use in uses.values()} == {"used"}


def test_other_channels_and_test_images_without_labels_are_ignored(tmp_path):
    source = sound(tmp_path / "in", {"background": 0, "spine": 1})
    films(source / "imagesTr", ["film_000_0001.png"])
    films(source / "imagesTs", ["film_900_0000.png"])
    cases, problems, uses = run(source)
    assert len(cases) == 3
    assert [(problem.case, problem.problem) for problem in problems] == [
        ("film_000", "has 2 channels; the first is read")
    ]
    assert uses["imagesTr/film_000_0001.png"].reason == "another channel of film_000_0000.png"
    assert uses["imagesTs/film_900_0000.png"].reason == "a test image without labels"


def test_labelled_test_images_are_the_test_set(tmp_path):
    source = sound(tmp_path / "in", {"background": 0, "spine": 1})
    films(source / "imagesTs", ["t_0000.png"])
    save(source / "labelsTs" / "t.png", truth())
    cases, _, _ = run(source)
    assert [name for name, case in cases.items() if case.split == "test"] == ["t"]


def test_volumes_of_the_decathlon(tmp_path):
    source = tmp_path / "in"
    for k in range(2):
        image, labels = lumbar(seed=k)
        save_volume(source / "imagesTr" / f"lumbar_{k:02d}.nii.gz", image)
        save_volume(source / "labelsTr" / f"lumbar_{k:02d}.nii.gz", (labels > 3) + 0 * labels)
    write_json(source / "dataset.json", {"labels": {"0": "background", "1": "bone"}, "modality": {"0": "MRI"}})
    cases, _, _ = run(source)
    assert set(cases) == {"lumbar_00", "lumbar_01"}
    assert read_classes(tmp_path / "out") == ("bone",)


@pytest.mark.parametrize("labels", [{"background": 0, "a": 2}, {"a": [1, 2]}, {}, "spine"])
def test_values_with_gaps_are_refused(tmp_path, labels):
    with pytest.raises(BadInput, match=r"dataset\.json"):
        run(sound(tmp_path / "in", labels))


def test_other_classes_than_it_names_are_refused(tmp_path):
    with pytest.raises(BadInput, match="Leave the option out"):
        run(sound(tmp_path / "in", {"background": 0, "spine": 1}), classes="vertebra,disc")


@pytest.mark.parametrize("more", [{}, {"disc": 2}])
def test_the_number_called_ignore_is_background(tmp_path, more):
    ignore = 2 + len(more)
    source = sound(tmp_path / "in", {"background": 0, "spine": 1, **more, "Ignore": ignore})
    for k in range(3):
        marked = truth()
        marked[:, :15] = ignore
        save(source / "labelsTr" / f"film_{k:03d}.png", marked)
    cases, problems, _ = run(source)
    assert [(problem.problem, problem.action) for problem in problems] == [
        (f"calls the value {ignore} 'Ignore': it counts as background", "kept")
    ]
    names = read_label_names(tmp_path / "out")
    for case in cases.values():
        found = read_mask(Path(case.mask), SHAPE, read_classes(tmp_path / "out"), names)
        np.testing.assert_array_equal(found, truth())
    assert len(cases) == 3


def test_a_number_of_two_meanings_is_refused(tmp_path):
    with pytest.raises(BadInput, match="gives the value 1 to ignore and to a structure"):
        run(sound(tmp_path / "in", {"background": 0, "spine": 1, "ignore": 1}))


@pytest.mark.parametrize("told", ["dataset.json", "labels.yaml"])
def test_ignored_voxels_are_background(tmp_path, told):
    source = tmp_path / "in"
    for k in range(2):
        image, labels = lumbar(seed=k)
        marked = (labels > 3) + 0 * labels
        marked[labels == 1] = 2
        save_volume(source / "imagesTr" / f"{k}.nii.gz", image)
        save_volume(source / "labelsTr" / f"{k}.nii.gz", marked)
    names = {"background": 0, "bone": 1} | ({"ignore": 2} if told == "dataset.json" else {})
    write_json(source / "dataset.json", {"labels": names})
    if told == "labels.yaml":
        (source / told).write_text("ignore: [2]")
    cases, _, _ = run(source)
    for name, case in cases.items():
        values = nibabel.load(tmp_path / "out" / case.mask).get_fdata()
        assert np.unique(values).tolist() == [0, 1]
        assert values.sum() == (lumbar(seed=int(name))[1] > 3).sum()
    assert len(cases) == 2


def test_what_dataset_json_says_to_ignore_is_no_structure(tmp_path):
    source = tmp_path / "in"
    for k, path in enumerate(films(source / "imagesTr", [f"f{k}_0000.png" for k in range(3)])):
        labels = truth()
        labels[:, 45:55] = 2
        save(source / "labelsTr" / path.name.replace("_0000", ""), labels + np.uint8(0 * k))
    write_json(source / "dataset.json", {"labels": {"background": 0, "spine": 1, "ignore": 2}})
    cases, _, _ = run(source)
    data = load_arrays(tmp_path / "out", (120, 60))
    assert len(cases) == 3
    for labels in data.labels:
        np.testing.assert_array_equal(labels, truth())
