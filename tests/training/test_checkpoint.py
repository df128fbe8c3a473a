"""The checkpoint of a training in progress: damaged, of another shape or kind, it is never gone on from."""

import shutil

import pandas as pd
import pytest
import torch

from spinelib.core.weights import load_state, save_state, save_weights
from spinelib.training import checkpoint
from spinelib.training.history import COLUMNS
from spinelib.training.losses import weighted_heads
from tests.flips import flips
from tests.training.net import fit, make_net
from tests.training.test_fitting import QUIET, RECIPE, TRAIN, VALIDATION, KillAt, KilledError, same, weights

STEPS = [name for name in COLUMNS if "second" not in name]


@pytest.fixture(scope="module")
def whole(toy_cases, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    return folder, fit(make_net(), weighted_heads, toy_cases, TRAIN, VALIDATION, RECIPE, folder, **QUIET).table[STEPS]


@pytest.fixture(scope="module")
def cut(toy_cases, tmp_path_factory):
    """A training killed at its ninth loss, two checkpoints behind it."""
    folder = tmp_path_factory.mktemp("cut")
    with pytest.raises(KilledError):
        fit(make_net(), KillAt(9), toy_cases, TRAIN, VALIDATION, RECIPE, folder, save_every=0, **QUIET)
    assert sorted(path.name for path in (folder / "checkpoint").iterdir()) == ["earlier.pt", "state.pt"]
    return folder


@pytest.fixture
def broken(cut, tmp_path):
    return shutil.copytree(cut, tmp_path / "broken")


@pytest.fixture
def go_on(toy_cases, whole):
    """Trains to the end in a folder, checks that all is as without any fault; gives how often it was resumed."""

    def train(folder):
        history = fit(make_net(), weighted_heads, toy_cases, TRAIN, VALIDATION, RECIPE, folder, **QUIET)
        assert same(weights(folder), weights(whole[0]))
        pd.testing.assert_frame_equal(history.table[STEPS], whole[1], check_exact=True)
        assert not (folder / "checkpoint").exists()
        return history.facts["resumed"]

    return train


def test_a_flipped_bit_is_noticed_and_the_checkpoint_before_stands_in(cut, go_on, tmp_path):
    for bit in flips(cut / "checkpoint" / "state.pt"):
        folder = shutil.copytree(cut, tmp_path / str(bit))
        with pytest.warns(UserWarning, match=r"state\.pt: is .*goes on from the checkpoint before, step \d+") as caught:
            assert go_on(folder) == 1
        assert len(caught) == 1


def test_where_both_are_damaged_the_training_begins_again(broken, go_on):
    for path in (broken / "checkpoint").iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    with pytest.warns(UserWarning, match=r"state\.pt: is damaged\. The training begins again") as caught:
        assert go_on(broken) == 0
    assert len(caught) == 1


def test_a_kill_between_two_renames_leaves_the_checkpoint_before(broken, go_on, recwarn):
    (broken / "checkpoint" / "state.pt").unlink()
    (broken / "checkpoint" / ".state.0a1b2c3d.pt").write_bytes(b"half a checkpoint")
    assert go_on(broken) == 1
    assert not recwarn.list


def other(state, name):
    state["model"][name] = torch.zeros(7)
    return state


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda state: {"weights": 1}, "is no checkpoint of a training: it holds no identity"),
        (lambda state: other(state, "head.bias"), "holds the weights of another network"),
        (lambda state: other(state, "more"), "holds the weights of another network"),
        (lambda state: {**state, "identity": {"seed": 7}}, "is of a training with other"),
        (lambda state: {**state, "standing": {"step": 1}}, "is of another version"),
    ],
)
def test_a_checkpoint_of_another_shape_or_kind_is_named(broken, go_on, change, named):
    path = broken / "checkpoint" / "state.pt"
    save_state(change(load_state(path)), path)
    with pytest.warns(UserWarning, match=rf"state\.pt: {named}.*goes on from the checkpoint before"):
        assert go_on(broken) == 1


def test_a_folder_or_file_of_something_else_is_no_traceback(broken, go_on):
    for path in (broken / "checkpoint").iterdir():
        torch.save({"epoch": 3, "state_dict": {}}, path)
    with pytest.warns(UserWarning, match=r"is no training state\. The training begins again"):
        assert go_on(broken) == 0


def test_without_the_best_weights_so_far_no_checkpoint_is_of_use(broken, go_on):
    save_weights({"body": torch.zeros(3)}, broken / "model.safetensors")
    with pytest.warns(UserWarning, match=r"model\.safetensors: holds the weights of another network\. The training"):
        assert go_on(broken) == 0


def test_two_checkpoints_at_most_and_nothing_of_others_is_removed(broken, toy_cases):
    theirs = broken / "checkpoint" / "notes.txt"
    theirs.write_text("mine")
    (broken / "checkpoint" / ".state.0a1b2c3d.pt").touch()
    with pytest.raises(KilledError):
        fit(make_net(), KillAt(3), toy_cases, TRAIN, VALIDATION, RECIPE, broken, save_every=0, **QUIET)
    names = ["earlier.pt", "notes.txt", "state.pt"]
    assert sorted(path.name for path in (broken / "checkpoint").iterdir()) == names
    checkpoint.remove_checkpoints(broken / "checkpoint" / "state.pt")
    assert theirs.read_text() == "mine"
