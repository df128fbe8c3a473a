"""Windows over a volume against a plain pass, and the way to the volume's own voxels."""

from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import nn

from spinelib.cases import load_arrays
from spinelib.cases.volume_frame import frame_of, native_labels
from spinelib.prediction.maps import predict
from spinelib.prediction.normalisation import normalise
from spinelib.prediction.windows import volume_labels, window_probabilities, with_background
from tests.cases.volumes import volume_set

SIZE = (6, 20, 14)


class Seen(nn.Module):
    """Three classes from the greys around a voxel; remembers what it and its copies were given."""

    shapes: ClassVar[list[tuple[int, ...]]] = []

    def __init__(self, classes=3):
        super().__init__()
        torch.manual_seed(0)
        self.body = nn.Sequential(
            nn.Conv3d(1, 4, 3, padding=1), nn.BatchNorm3d(4), nn.ReLU(), nn.Conv3d(4, classes, 3, padding=1)
        )

    def forward(self, inputs):
        Seen.shapes.append(tuple(inputs.shape))
        return {"logits": self.body(inputs)} if self.training else self.body(inputs)


class Pointwise(nn.Module):
    """Looks at each voxel alone: every window says the same."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([0.0, 2.0, -1.0]))

    def forward(self, inputs):
        return inputs * self.weight.view(1, 3, 1, 1, 1)


@pytest.fixture(autouse=True)
def _nothing_seen():
    Seen.shapes.clear()


@pytest.fixture
def images():
    greys = torch.randint(1, 256, (2, 1, *SIZE), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    greys[:, :, :, :, :2] = 0
    return greys


def plain(model, images):
    model.eval()
    with torch.no_grad():
        return torch.softmax(model(normalise(images)), 1)


@pytest.mark.parametrize("window", [SIZE, (40, 64, 32), (6, 20, 99)])
def test_a_window_that_covers_all_is_the_plain_pass(images, window):
    model = Seen()
    expected = plain(model, images)
    model.train()
    found = window_probabilities(model, images, window)
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-6)
    assert model.training
    assert Seen.shapes[-2:] == [(1, 1, *SIZE)] * 2


def test_windows_cover_every_voxel_and_are_normalised_over_the_whole_volume(images):
    model = Pointwise()
    for window, overlap in (((4, 8, 8), 0.25), ((6, 20, 5), 0.5), ((1, 7, 14), 0.0)):
        found = window_probabilities(model, images, window, overlap=overlap, batch=3)
        torch.testing.assert_close(found, plain(model, images), atol=1e-5, rtol=1e-5)


def test_the_network_sees_no_more_than_batch_windows(images):
    model = Seen()
    found = window_probabilities(model, images, (6, 8, 14), batch=2)
    assert found.shape == (2, 3, *SIZE)
    torch.testing.assert_close(found.sum(1), torch.ones(2, *SIZE), atol=1e-5, rtol=0)
    # Steps of 6 rows: 0, 6, 12 in each of two volumes.
    assert Seen.shapes[-3:] == [(2, 1, 6, 8, 14)] * 3
    assert all(shape[0] * np.prod(shape[2:]) <= 2 * 6 * 8 * 14 for shape in Seen.shapes)
    far = plain(model, images)[:, :, :, 1:5], found[:, :, :, 1:5]
    torch.testing.assert_close(*far, atol=1e-5, rtol=1e-5)
    assert not torch.allclose(plain(model, images), found, atol=1e-3), "borders of windows lack surroundings"


@pytest.mark.parametrize(("window", "overlap"), [((4, 8), 0.25), ((4, 0, 8), 0.25), ((4, 8, 8), 1.0), (SIZE, -0.1)])
def test_a_window_that_cannot_be_is_refused(images, window, overlap):
    with pytest.raises(ValueError, match="do not fit volumes of"):
        window_probabilities(Seen(), images, window, overlap=overlap)


def test_native_voxels_are_those_of_one_pass_or_of_windows(tmp_path):
    volume_set(tmp_path, 2)
    data = load_arrays(tmp_path, (9, 30, 24))
    model, case = Seen(20), 1
    found = volume_labels(model, data, case)
    assert found.shape == tuple(frame_of(data.frames[case], data.grid).native) == (8, 64, 48)
    chances = predict(model, data, [case])[0].astype(np.float32)
    assert (found == native_labels(chances, data.frames[case])).mean() > 0.99, "half precision may tip a tie"
    windows = volume_labels(model, data, case, (9, 20, 24), overlap=0.5)
    assert 0.6 < (windows == found).mean() < 1
    outside = np.ones(found.shape, bool)
    outside[np.ix_(*map(np.flatnonzero, frame_of(data.frames[case], data.grid).kept()))] = False
    assert outside.any()
    assert not found[outside].any()
    assert found[~outside].any()


def test_one_class_has_the_rest_as_background(tmp_path):
    volume_set(tmp_path, 1)
    data = load_arrays(tmp_path, (9, 30, 24))
    data = replace(data, labels=(data.labels > 0).astype(np.uint8), classes=("spine",), known=np.ones((1, 1), bool))
    chances = np.array([[0.2, 0.7]])
    np.testing.assert_allclose(with_background(chances), [[0.8, 0.3], [0.2, 0.7]])
    assert with_background(np.ones((2, 3))).shape == (2, 3)
    found = volume_labels(Seen(1), data, 0)
    assert set(np.unique(found)) == {0, 1}
