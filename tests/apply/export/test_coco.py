"""A COCO file: polygons and key points come back as the vertebrae that were read."""

import json

import numpy as np

from spinelib.apply.export import export_results

from .made import drawn, expected, moved_by, read_back


def test_every_film_comes_back_with_its_vertebrae_and_its_patient(results, tmp_path):
    export_results(results, ["coco"], tmp_path / "out")
    cases, labels, corners = read_back(tmp_path / "out" / "coco", tmp_path / "data")
    _, read = expected(results)
    for name, quads in read.items():
        assert np.abs(corners[name] - quads).max() < 0.02
        assert moved_by(labels[name], drawn(quads, name)) <= 1
    assert {name: case.patient for name, case in cases.items()} == {"plain": "p9", "oblong": "A", "turned": "A"}


def test_annotations_are_as_the_format_wants_them(results, tmp_path):
    export_results(results, ["coco"], tmp_path / "out")
    content = json.loads((tmp_path / "out" / "coco" / "annotations.json").read_text(encoding="utf-8"))
    kinds = {kind["id"]: kind for kind in content["categories"]}
    first = content["annotations"][0]
    assert len(content["annotations"]) == 3 * 17
    assert len({mark["id"] for mark in content["annotations"]}) == 3 * 17
    assert kinds[first["category_id"]]["name"] == "T1"
    x, y, wide, high = first["bbox"]
    ring = np.reshape(first["segmentation"][0], (-1, 2))
    np.testing.assert_allclose([x, y, x + wide, y + high], [*ring.min(0), *ring.max(0)], atol=0.011)
    assert 0 < first["area"] <= wide * high
    assert (first["num_keypoints"], len(first["keypoints"])) == (4, 12)


def test_a_mask_that_somebody_changed_comes_back_as_it_is(edited, tmp_path):
    folder, mask = edited
    export_results(folder, ["coco"], tmp_path / "out")
    _, labels, corners = read_back(tmp_path / "out" / "coco", tmp_path / "data")
    assert np.array_equal(labels["plain"], mask)
    assert corners["plain"] is None
