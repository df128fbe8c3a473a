import numpy as np
import pytest
import torch
from torch import nn

from spinelib.cases.frame import letterbox
from spinelib.core.errors import BadInput
from spinelib.models.layers import probabilities
from spinelib.prediction.maps import predict, predict_angles, predict_labels, regrid, to_labels
from spinelib.prediction.normalisation import normalise


@pytest.fixture
def model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 1, 3, padding=1))


def test_equals_a_plain_forward_pass_whatever_the_batch(model, toy_cases):
    model.eval()
    with torch.no_grad():
        expected = torch.sigmoid(model(normalise(torch.from_numpy(toy_cases.images[[5, 2, 9]]))))
    model.train()
    found = predict(model, toy_cases, [5, 2, 9], batch=2)
    assert found.dtype == np.float16
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-3)
    np.testing.assert_array_equal(found, predict(model, toy_cases, [5, 2, 9], batch=1))


def test_leaves_the_model_as_it_was(model, toy_cases):
    before = {name: value.clone() for name, value in model.state_dict().items()}
    predict(model.train(), toy_cases, range(4))
    assert model.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert torch.is_grad_enabled()


def test_memory_map_gives_the_same_numbers(model, toy_cases):
    np.testing.assert_array_equal(
        predict(model, toy_cases, range(12), 5, memory_mb=0), predict(model, toy_cases, range(12), 5)
    )


def test_logits_not_probabilities_are_resampled():
    scores = torch.tensor([[[[-8.0, 0.0]]]])
    found = probabilities(regrid(scores, np.array([[1, 2]]), (2, 4)))
    expected = torch.sigmoid(torch.tensor([-8.0, -6.0, -2.0, 0.0]))
    torch.testing.assert_close(found[0, 0], expected.expand(2, 4))


def test_a_film_keeps_its_place_on_another_grid():
    # A tall film: 64 of 64 rows and 16 columns in the middle of either grid.
    scores = torch.full((1, 3, 64, 64), -1.0)
    scores[:, 2, 10:20, 24:32] = 5.0
    found = regrid(scores, np.array([[400, 100]]), (64, 32))
    assert (found.argmax(1)[0, 10:20, 8:16] == 2).all()
    assert int((found.argmax(1) == 2).sum()) == 80
    outside = torch.cat([found[..., :8], found[..., 24:]], dim=-1)
    assert (outside.argmax(1) == 0).all()


def test_the_way_there_and_back_is_the_identity_for_one_channel():
    smooth = torch.linspace(-4, 4, 32)[None, None, None].expand(1, 1, 64, 32)
    there = regrid(smooth, np.array([[640, 320]]), (64, 64))
    assert probabilities(there)[..., :16].max() < 1e-6
    torch.testing.assert_close(regrid(there, np.array([[640, 320]]), (64, 32)), smooth)


def test_grid_of_the_evaluation(model, toy_cases):
    found = predict(model, toy_cases, [0, 1], grid=(64, 32))
    assert found.shape == (2, 1, 64, 32)
    assert predict_labels(model, toy_cases, [0, 1], grid=(64, 32)).shape == (2, 64, 32)
    same = predict(model, toy_cases, [0, 1], grid=toy_cases.grid)
    film = np.s_[..., letterbox(tuple(toy_cases.frames[0, 3:].astype(int)), toy_cases.grid).place[1] :, :]
    np.testing.assert_allclose(same[film], predict(model, toy_cases, [0, 1])[film], atol=1e-3)


def test_flip_averages_with_the_mirrored_image(model, toy_cases):
    both = predict(model, toy_cases, range(3), flip=True).astype(float)
    mirrored = type(toy_cases)(**{**vars(toy_cases), "images": toy_cases.images[..., ::-1].copy()})
    one, two = (predict(model, cases, range(3)).astype(float) for cases in (toy_cases, mirrored))
    np.testing.assert_allclose(both, (one + two[..., ::-1]) / 2, atol=2e-3)
    assert abs(both - one).max() > 0.01


def test_local_contrast_and_bfloat16_reach_the_model(toy_cases):
    torch.manual_seed(0)
    model = nn.Conv2d(2, 1, 3, padding=1)
    exact = predict(model, toy_cases, range(4), local=True)
    coarse = predict(model, toy_cases, range(4), local=True, precision="bfloat16+channels_last")
    assert 0 < abs(exact.astype(float) - coarse).max() < 0.05


def test_labels_are_threshold_or_likeliest_class(model, toy_cases):
    chances = predict(model, toy_cases, range(12), 4)
    labels = predict_labels(model, toy_cases, range(12), 4)
    np.testing.assert_array_equal(labels, chances[:, 0] >= 0.5)
    assert labels.dtype == np.uint8
    several = np.array([[0.2, 0.5], [0.7, 0.1], [0.1, 0.4]]).reshape(1, 3, 1, 2)
    np.testing.assert_array_equal(to_labels(several), [[[1, 0]]])


def test_labels_in_chunks_are_all_there(model, toy_cases):
    whole = predict_labels(model, toy_cases, np.arange(12).repeat(3), batch=16)
    np.testing.assert_array_equal(predict_labels(model, toy_cases, np.arange(12).repeat(3), batch=1), whole)


class Greys(nn.Module):
    """Answers with the mean of the left half, of the right half and of their difference, in "degrees"."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, inputs):
        return inputs * self.weight

    def angles(self, inputs):
        assert not self.training
        left, right = (half.mean((1, 2, 3)) for half in inputs.chunk(2, dim=-1))
        return self.weight * torch.stack([left, right, left - right], dim=1)


def test_angles_are_the_model_s_own_whatever_the_batch(toy_cases):
    model = Greys().train()
    with torch.no_grad():
        expected = Greys().eval().angles(normalise(torch.from_numpy(toy_cases.images[[5, 2, 9]]))).numpy()
    for batch in (1, 2, 16):
        found = predict_angles(model, toy_cases, [5, 2, 9], batch)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, atol=1e-6)
    assert model.training
    both = predict_angles(model, toy_cases, [5, 2, 9], flip=True)
    np.testing.assert_allclose(both[:, :2], expected[:, :2].mean(1, keepdims=True).repeat(2, 1), atol=1e-5)
    np.testing.assert_allclose(both[:, 2], 0, atol=1e-5)


def test_a_model_without_angles_says_so(model, toy_cases):
    with pytest.raises(BadInput, match="answers no angles"):
        predict_angles(model, toy_cases, [0])
