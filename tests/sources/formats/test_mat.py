"""Corners in .mat files beside the films."""

import numpy as np
import pytest
from scipy.io import savemat

from spinelib.cases.readers.landmarks import read_landmarks

from .films import CORNERS, films, run


@pytest.mark.parametrize(("name", "folder"), [("{}.png.mat", "."), ("{}.mat", "."), ("{}.mat", "../labels")])
def test_corners_beside_the_films(tmp_path, name, folder):
    place = tmp_path / "in" / ("images" if folder != "." else "")
    films(place, ["a.png", "b.png"])
    (place / folder).mkdir(exist_ok=True)
    for film in "ab":
        savemat(place / folder / name.format(film), {"p2": CORNERS.reshape(68, 2)})
    cases, problems, uses = run(tmp_path / "in")
    assert set(cases) == {"a", "b"}
    assert problems == []
    np.testing.assert_allclose(read_landmarks(tmp_path / "out" / "landmarks.csv")["b"], CORNERS, atol=1e-3)
    assert {use.use for use in uses.values()} == {"used"}


@pytest.mark.parametrize("content", [{"p2": CORNERS[:16].reshape(64, 2)}, {"other": 1.0}, None])
def test_a_file_without_them_costs_one_film(tmp_path, content):
    films(tmp_path / "in", ["a.png", "b.png", "c.png"])
    for film in "abc":
        savemat(tmp_path / "in" / f"{film}.mat", {"p2": CORNERS.reshape(68, 2)})
    if content is None:
        (tmp_path / "in" / "c.mat").write_bytes(b"MATLAB 7.3 MAT-file" + bytes(500))
    else:
        savemat(tmp_path / "in" / "c.mat", content)
    cases, problems, _ = run(tmp_path / "in")
    assert set(cases) == {"a", "b"}
    assert problems[0].file.endswith("c.mat")
    assert "p2" in problems[0].problem
