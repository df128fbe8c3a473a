import os
import shutil
import warnings

import numpy as np
import pytest
from PIL import Image

from spinelib.cases import load_arrays, loading, read_manifest, read_problems, write_classes, write_manifest
from spinelib.cases.readers import raster
from spinelib.core.errors import BadInput

from .films import NAME, data_set, spine

GRID = (64, 32)


def test_everything_lies_on_one_grid(tmp_path):
    cases = data_set(tmp_path)
    data = load_arrays(tmp_path, GRID)
    assert len(data) == 6
    assert data.images.shape == (6, 1, 64, 32)
    assert data.labels.shape == data.extra["spine_column"].shape == (6, 64, 32)
    assert data.landmarks.shape == (6, 17, 4, 2)
    assert data.classes == ("spine",)
    assert list(data.table["case"]) == [case.case for case in cases]
    assert data.images.dtype == data.labels.dtype == np.uint8
    assert (data.extra["spine_column"] >= data.labels).all()
    np.testing.assert_allclose(data.native_landmarks()[0], spine(300, 120), atol=1e-3)
    np.testing.assert_allclose(data.spacing[0] * data.frames[0, 0], (0.2, 0.2), rtol=1e-5)


def test_bone_is_brighter_where_the_label_is_and_the_film_is_where_the_frame_says(tmp_path):
    data_set(tmp_path)
    data = load_arrays(tmp_path, GRID)
    for k in range(len(data)):
        image, label = data.images[k, 0].astype(float), data.labels[k] > 0
        film = image > 0
        assert image[label].mean() > image[film & ~label].mean() + 20
        scale, top, _, height, _ = data.frames[k]
        assert film.any(1).sum() == pytest.approx(height * scale, abs=1.01)
        assert np.flatnonzero(film.any(1))[0] == pytest.approx(top + (1 - scale) / 2, abs=1)
        assert image.max() == 255


def test_masks_and_landmarks_of_one_film_give_one_label(tmp_path):
    cases = data_set(tmp_path)
    from dataclasses import replace

    from spinelib.cases import draw_quadrilaterals

    mask = (draw_quadrilaterals(spine(300, 120), (300, 120)) > 0).astype(np.uint8)
    Image.fromarray(mask * 255).save(tmp_path / "mask.png")
    write_manifest([cases[0], replace(cases[0], case="m", mask="mask.png", landmarks="")], tmp_path)
    data = load_arrays(tmp_path, (150, 60))
    a, b = data.labels > 0
    assert 2 * (a & b).sum() / (a.sum() + b.sum()) > 0.95
    assert np.isnan(data.landmarks[1]).all()
    assert data.extra == {}


def test_nothing_is_decoded_twice(tmp_path, monkeypatch):
    data_set(tmp_path)
    first = load_arrays(tmp_path, GRID)
    monkeypatch.setattr(raster.Image, "open", lambda *_, **__: pytest.fail("decoded again"))
    second = load_arrays(tmp_path, GRID)
    assert second.digest == first.digest
    np.testing.assert_array_equal(second.images, first.images)


def test_a_changed_film_is_read_again(tmp_path):
    data_set(tmp_path)
    before = load_arrays(tmp_path, GRID)
    path = tmp_path / "images" / NAME.format(0)
    Image.fromarray(255 - np.asarray(Image.open(path))).save(path)
    os.utime(path, ns=(1, 1))
    after = load_arrays(tmp_path, GRID)
    assert after.digest != before.digest
    assert not np.array_equal(after.images[0], before.images[0])
    np.testing.assert_array_equal(after.images[1:], before.images[1:])


def test_digest_depends_on_content_not_on_place(tmp_path):
    data_set(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    a, b = load_arrays(tmp_path / "a", GRID), load_arrays(tmp_path / "b", GRID)
    assert a.digest == b.digest
    assert a.digest != load_arrays(tmp_path / "a", (64, 33)).digest


def test_large_sets_are_mapped_and_equal(tmp_path):
    data_set(tmp_path)
    small, mapped = load_arrays(tmp_path, GRID), load_arrays(tmp_path, GRID, memory_mb=0)
    assert isinstance(mapped.images, np.memmap)
    assert not isinstance(small.images, np.memmap)
    assert mapped.digest == small.digest
    np.testing.assert_array_equal(mapped.images, small.images)


def test_one_bad_film_is_a_problem_and_the_rest_goes_on(tmp_path):
    data_set(tmp_path)
    (tmp_path / "images" / NAME.format(2)).write_bytes(b"")
    Image.new("L", (50, 90), 7).save(tmp_path / "images" / NAME.format(4))
    with pytest.warns(UserWarning, match="2 films left out"):
        data = load_arrays(tmp_path, GRID)
    assert list(data.table["case"]) == ["c0", "c1", "c3", "c5"]
    np.testing.assert_allclose(data.native_landmarks()[2], spine(330, 129), atol=1e-3)
    found = {(problem.case, problem.problem, problem.action) for problem in read_problems(tmp_path)}
    assert found == {("c2", "is empty (0 bytes)", "excluded"), ("c4", "shows one grey value only", "excluded")}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load_arrays(tmp_path, GRID).digest == data.digest
    assert len(read_problems(tmp_path)) == 2


def test_no_usable_film_is_an_error(tmp_path):
    for case in data_set(tmp_path, 2):
        (tmp_path / case.image).unlink()
    with pytest.raises(BadInput, match=r"does not exist; no film"):
        load_arrays(tmp_path, GRID)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_case_without_label_or_landmark_row_is_left_out(tmp_path):
    from dataclasses import replace

    cases = data_set(tmp_path)
    cases[1] = replace(cases[1], landmarks="")
    cases[2] = replace(cases[2], case="stranger")
    write_manifest(cases, tmp_path)
    with pytest.warns(UserWarning, match="2 films"):
        load_arrays(tmp_path, GRID)
    reasons = [problem.problem for problem in read_problems(tmp_path)]
    assert reasons == ["has neither a mask nor landmarks", "has no row for case 'stranger'"]


def test_three_channels(tmp_path):
    from dataclasses import replace

    cases = data_set(tmp_path, 2)
    grey = np.asarray(Image.open(tmp_path / cases[0].image))
    Image.fromarray(np.stack([grey, grey // 2, grey // 3], 2)).save(tmp_path / "colour.png")
    write_manifest([replace(cases[0], image="colour.png"), cases[1]], tmp_path)
    data = load_arrays(tmp_path, GRID, channels=3)
    assert data.images.shape == (2, 3, 64, 32)
    red, green, blue = data.images[0].astype(int)
    assert red.sum() > green.sum() > blue.sum()
    assert (data.images[1] == data.images[1, :1]).all()
    assert load_arrays(tmp_path, GRID, channels=1).images.shape[1] == 1


def test_several_classes(tmp_path):
    from dataclasses import replace

    cases = data_set(tmp_path, 1)
    mask = np.zeros((300, 120), np.uint8)
    mask[50:100], mask[100:200] = 1, 2
    Image.fromarray(mask).save(tmp_path / "mask.png")
    write_manifest([replace(cases[0], mask="mask.png")], tmp_path)
    write_classes(("upper", "lower"), tmp_path)
    data = load_arrays(tmp_path, GRID)
    assert data.classes == ("upper", "lower")
    rows = [np.flatnonzero((data.labels[0] == k).any(1)) for k in (1, 2)]
    assert len(rows[0]) == pytest.approx(50 * 64 / 300, abs=1)
    assert rows[1][0] == rows[0][-1] + 1


def test_a_subset_keeps_rows_together(tmp_path):
    data_set(tmp_path)
    data = load_arrays(tmp_path, GRID)
    part = data.subset([4, 1])
    assert list(part.table["case"]) == ["c4", "c1"]
    np.testing.assert_array_equal(part.images, data.images[[4, 1]])
    np.testing.assert_array_equal(part.extra["spine_column"], data.extra["spine_column"][[4, 1]])
    assert len({part.digest, data.digest, data.subset([1, 4]).digest}) == 3
    masked = data.subset(data.table["split"] == "test")
    assert list(masked.table["case"]) == ["c4", "c5"]
    assert masked.grid == GRID


def test_a_cache_elsewhere_leaves_the_data_alone(tmp_path):
    data_set(tmp_path / "data")
    before = sorted(tmp_path.joinpath("data").rglob("*"))
    load_arrays(tmp_path / "data", GRID, cache=tmp_path / "cache")
    assert sorted(tmp_path.joinpath("data").rglob("*")) == before


def test_a_build_that_breaks_off_leaves_nothing_behind(tmp_path, monkeypatch):
    data_set(tmp_path)

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(loading.Reader, "read", stop)
    with pytest.raises(KeyboardInterrupt):
        load_arrays(tmp_path, GRID)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_damaged_cache_says_what_to_delete(tmp_path):
    data_set(tmp_path)
    load_arrays(tmp_path, GRID)
    [stored] = (tmp_path / "cache").iterdir()
    (stored / "images.npy").write_bytes(b"broken")
    with pytest.raises(BadInput, match="Delete this folder"):
        load_arrays(tmp_path, GRID)


@pytest.mark.parametrize(("grid", "channels"), [((0, 5), 1), ((5,), 1), ((8, 8), 2)])
def test_a_bad_grid_is_refused(tmp_path, grid, channels):
    data_set(tmp_path)
    with pytest.raises(BadInput, match="grid"):
        load_arrays(tmp_path, grid, channels=channels)


def test_absolute_paths_and_paths_outside_the_folder_are_read_and_never_written(tmp_path):
    from dataclasses import replace

    cases = data_set(tmp_path / "films")
    moved = [replace(case, image=f"../films/{case.image}", landmarks="../films/landmarks.csv") for case in cases[:3]]
    moved += [replace(case, image=str(tmp_path / "films" / case.image)) for case in moved[:0]]
    (tmp_path / "study").mkdir()
    write_manifest(moved, tmp_path / "study")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "films").rglob("*")}
    assert len(load_arrays(tmp_path / "study", GRID)) == 3
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "films").rglob("*")} == before
    assert len(read_manifest(tmp_path / "study")) == 3


def test_a_patient_on_both_sides_stops_the_study(tmp_path):
    data_set(tmp_path, patient="p")
    with pytest.raises(BadInput, match="'p'"):
        load_arrays(tmp_path, GRID)
