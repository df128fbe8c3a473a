import numpy as np
import pytest

from spinelib.core.errors import BadInput
from spinelib.runs.predictions import load_predictions, save_predictions


def test_binary_maps_come_back_and_take_a_bit_a_pixel(tmp_path):
    labels = np.random.default_rng(0).integers(0, 2, (3, 50, 33)).astype(np.uint8)
    save_predictions(tmp_path / "p.npz", ["a", "b", "ç"], labels)
    found = load_predictions(tmp_path / "p.npz")
    assert found.cases == ("a", "b", "ç")
    np.testing.assert_array_equal(found.labels, labels)
    assert found.labels.dtype == np.uint8
    assert found.probabilities is None
    assert (tmp_path / "p.npz").stat().st_size < labels.size / 8 + 1500
    assert [path.name for path in tmp_path.iterdir()] == ["p.npz"]


def test_class_maps_and_probabilities(tmp_path):
    labels = np.random.default_rng(0).integers(0, 20, (2, 4, 6, 5)).astype(np.uint8)
    save_predictions(tmp_path / "p.npz", ["a", "b"], labels)
    np.testing.assert_array_equal(load_predictions(tmp_path / "p.npz").labels, labels)


def test_kept_probabilities_give_the_same_map(tmp_path):
    chances = np.linspace(0, 1, 4001, dtype=np.float16).reshape(1, 1, 1, -1)
    labels = (chances[:, 0] >= 0.5).astype(np.uint8)
    save_predictions(tmp_path / "p.npz", ["a"], labels, chances)
    found = load_predictions(tmp_path / "p.npz")
    np.testing.assert_allclose(found.probabilities, chances.astype(float), atol=0.5 / 255 + 1e-6)
    np.testing.assert_array_equal(found.probabilities[:, 0] >= 0.5, labels)


def test_answered_angles_are_kept(tmp_path):
    labels, angles = np.zeros((2, 4, 4), np.uint8), np.array([[40.25, 20, 10], [5, 3, 2]])
    save_predictions(tmp_path / "p.npz", ["a", "b"], labels, angles=angles)
    np.testing.assert_array_equal(load_predictions(tmp_path / "p.npz").angles, angles)
    save_predictions(tmp_path / "p.npz", ["a", "b"], labels)
    assert load_predictions(tmp_path / "p.npz").angles is None


@pytest.mark.parametrize("content", [None, b"", b"PK nonsense"])
def test_missing_or_damaged_file_is_named(tmp_path, content):
    path = tmp_path / "p.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInput, match=r"p\.npz: holds no predictions"):
        load_predictions(path)


def test_another_npz_is_named(tmp_path):
    np.savez(tmp_path / "p.npz", other=np.zeros(3))
    with pytest.raises(BadInput, match="holds no predictions"):
        load_predictions(tmp_path / "p.npz")
