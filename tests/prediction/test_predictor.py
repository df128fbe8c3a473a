"""From a folder to maps: every option of the card reaches the prediction, and what is no such folder is refused."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from spinelib.cases import load_arrays
from spinelib.cases.frame import letterbox
from spinelib.cases.volume_frame import frame_of
from spinelib.core.errors import BadInput
from spinelib.core.layout import CARD
from spinelib.prediction import predictor
from spinelib.prediction.maps import predict_angles, predict_labels
from spinelib.prediction.predictor import Predictor
from spinelib.prediction.windows import volume_labels

from ..cases.films import data_set
from ..cases.volumes import volume_set
from .made import GRID, card, leave, network, stand_in, trained

OTHERS = (64, 32), (48, 48)
SMALL, LARGE = (6, 32, 16), (18, 48, 24)
VOLUMES = {"method": "unet3d", "width": 0.125, "classes": tuple(f"c{k}" for k in range(19))}


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """Six films of several proportions, by grid."""
    folder = tmp_path_factory.mktemp("films")
    data_set(folder)
    return {grid: load_arrays(folder, grid) for grid in (GRID, *OTHERS)}


@pytest.fixture(scope="module")
def volumes(tmp_path_factory):
    """Four volumes of several sizes, by grid."""
    folder = tmp_path_factory.mktemp("volumes")
    volume_set(folder)
    return {grid: load_arrays(folder, grid) for grid in (SMALL, LARGE)}


class Everywhere(nn.Module):
    """Outlines every pixel."""

    def __init__(self):
        super().__init__()
        self.anchor = nn.Parameter(torch.ones(1))

    def forward(self, inputs):
        return self.anchor * torch.ones_like(inputs[:, :1])


def native(data, case):
    return tuple(data.frames[case, 3:].astype(int).tolist())


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"local": True},
        {"flip": True},
        {"precision": "bfloat16"},
        {"classes": ("a", "b"), "flip": True},
        {"input_grid": (64, 32)},
        {"input_grid": (48, 48), "flip": True, "local": True},
    ],
)
def test_a_film_has_one_map_alone_or_among_others(films, tmp_path, changes):
    predictor = Predictor.from_folder(trained(tmp_path, **changes), "cpu")
    own, data = predictor.card, films[predictor.card.input_grid]
    options = {"local": own.local, "flip": own.flip, "precision": own.precision}
    grid = GRID if own.input_grid != GRID else None
    expected = predict_labels(network(own), data, np.arange(6), grid=grid, **options)
    found = predictor.labels(data)
    assert found.any()
    assert np.array_equal(found, expected * [letterbox(native(data, i), GRID).inside() for i in range(6)])
    assert np.array_equal(predictor.labels(data, [4, 1]), found[[4, 1]])
    assert np.array_equal([predictor.film(data.images[i], native(data, i)).labels for i in range(6)], found)


@pytest.mark.parametrize(("name", "value"), [("local", True), ("flip", True), ("input_grid", (64, 32))])
def test_an_option_of_the_card_changes_the_maps(films, tmp_path, name, value):
    """Else the test above would hold nothing."""
    plain = Predictor.from_folder(trained(tmp_path / "plain"), "cpu")
    other = Predictor.from_folder(trained(tmp_path / "other", **{name: value}), "cpu")
    assert (plain.labels(films[GRID]) != other.labels(films[other.card.input_grid])).any()


def test_background_lies_where_no_film_is_shown(films, tmp_path, monkeypatch):
    stand_in(monkeypatch, Everywhere())
    for grid in (GRID, (48, 48)):
        predictor = Predictor.from_folder(leave(tmp_path, Everywhere(), card(input_grid=grid)), "cpu")
        shown = [letterbox(native(films[grid], i), GRID).inside() for i in range(6)]
        assert np.array_equal(predictor.labels(films[grid]), shown)
        assert not np.all(shown)


def test_no_case_has_no_map(films, tmp_path):
    predictor = Predictor.from_folder(trained(tmp_path), "cpu")
    assert predictor.labels(films[GRID], []).shape == (0, *GRID)


def test_angles_are_those_that_the_network_answers(films, tmp_path):
    own = {"method": "seg4regplus", "flip": True}
    predictor = Predictor.from_folder(trained(tmp_path / "answers", **own), "cpu")
    data = films[GRID]
    found = predictor.angles(data)
    np.testing.assert_array_equal(found, predict_angles(network(predictor.card), data, np.arange(6), flip=True))
    np.testing.assert_array_equal(
        predictor.film(data.images[2], native(data, 2)).angles, predictor.angles(data, [2])[0]
    )
    np.testing.assert_allclose(predictor.angles(data, [2])[0], found[2], rtol=1e-4)
    plain = Predictor.from_folder(trained(tmp_path / "plain"), "cpu")
    assert plain.angles(data) is None
    assert plain.film(data.images[2], native(data, 2)).angles is None


@pytest.mark.parametrize("window", [(), (6, 20, 16)])
def test_a_volume_is_predicted_in_its_own_voxels(volumes, tmp_path, window):
    own = {**VOLUMES, "input_grid": SMALL, "evaluation_grid": SMALL, "window": window}
    predictor, data = Predictor.from_folder(trained(tmp_path, **own), "cpu"), volumes[SMALL]
    found = predictor.labels(data, [1, 3])
    for case, on_grid in zip([1, 3], found, strict=True):
        expected = volume_labels(network(predictor.card), data, case, window or None)
        assert np.array_equal(predictor.native_labels(data, case), expected)
        assert np.array_equal(predictor.volume(data.images[case], data.frames[case]), expected)
        assert np.array_equal(on_grid, frame_of(data.frames[case], SMALL).nearest(expected))
        assert on_grid.any()


@pytest.mark.parametrize(("seen", "scored"), [(SMALL, LARGE), (LARGE, SMALL)])
def test_a_volume_seen_on_another_grid_lies_where_it_is_scored(volumes, tmp_path, seen, scored):
    own = {**VOLUMES, "input_grid": seen, "evaluation_grid": scored}
    predictor = Predictor.from_folder(trained(tmp_path, **own), "cpu")
    for case, found in enumerate(predictor.labels(volumes[seen])):
        labels = predictor.native_labels(volumes[seen], case)
        assert np.array_equal(found, frame_of(volumes[scored].frames[case], scored).nearest(labels))
        assert found.any()


def test_data_on_another_grid_are_refused(films, volumes, tmp_path):
    predictor = Predictor.from_folder(trained(tmp_path / "films"), "cpu")
    words = r"unet/full: sees \[32, 16\], and these data lie on \[64, 32\]\. Load the data on the input grid"
    with pytest.raises(BadInput, match=words):
        predictor.labels(films[(64, 32)])
    answers = Predictor.from_folder(trained(tmp_path / "answers", method="seg4regplus"), "cpu")
    with pytest.raises(BadInput, match=r"lie on \[64, 32\]"):
        answers.angles(films[(64, 32)])
    own = {**VOLUMES, "input_grid": SMALL, "evaluation_grid": LARGE}
    with pytest.raises(BadInput, match=r"sees \[6, 32, 16\], and these data lie on \[18, 48, 24\]"):
        Predictor.from_folder(trained(tmp_path / "volumes", **own), "cpu").native_labels(volumes[LARGE], 0)


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(BadInput, match=r"nothing: is no folder\. Give reports/STUDY/runs/RUN"):
        Predictor.from_folder(tmp_path / "nothing")
    with pytest.raises(BadInput, match=r"holds no model\.safetensors"):
        Predictor.from_folder(tmp_path)
    (trained(tmp_path) / CARD).unlink()
    with pytest.raises(BadInput, match=r"holds weights but no model\.json"):
        Predictor.from_folder(tmp_path)


def test_a_method_that_nobody_knows_is_answered_with_the_closest(tmp_path):
    trained(tmp_path)
    replace(card(), method="unett").write(tmp_path)
    with pytest.raises(BadInput, match=r"unett: is not a known method\. Did you mean unet\?"):
        Predictor.from_folder(tmp_path)


def test_weights_that_do_not_fit_their_card_are_refused(tmp_path):
    leave(tmp_path, network(card()), card(width=0.125))
    with pytest.raises(BadInput, match="weights of another network"):
        Predictor.from_folder(tmp_path)


def test_nothing_is_written_and_the_digest_tells_networks_apart(tmp_path):
    folder = trained(tmp_path / "one")
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    one = Predictor.from_folder(folder, "cpu")
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before
    assert not one.network.training
    assert one.digest == Predictor.from_folder(folder, "cpu").digest
    others = [trained(tmp_path / "seed", seed=3), trained(tmp_path / "flip", flip=True)]
    assert len({one.digest, *(Predictor.from_folder(other, "cpu").digest for other in others)}) == 3


def test_logits_of_a_mirrored_prediction_can_be_resampled_where_a_class_is_certainly_absent():
    certain = torch.tensor([200.0, -200.0, -200.0]).reshape(1, 3, 1, 1).expand(1, 3, 4, 2)
    found = predictor._logits([certain, certain.flip(-1)])
    assert np.isfinite(found).all()
    assert (found.argmax(0) == 0).all()
    one = predictor._logits([certain[:, :1], certain[:, :1]])
    assert np.isfinite(one).all()
    assert (one > 0).all()
