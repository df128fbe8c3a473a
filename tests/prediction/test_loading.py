"""The network of a card: as it was built and trained, or refused where the weights are another's."""

import pytest
import torch

from spinelib.core.errors import BadInput
from spinelib.models import METHODS
from spinelib.prediction.card import Card
from spinelib.prediction.loading import load_network
from spinelib.prediction.released import RELEASED

from .made import card, leave, network, trained


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"local": True},
        {"channels": 3},
        {"classes": ("a", "b")},
        {"method": "r2mfnet", "variant": "no_scse", "width": 0.125, "options": {"steps": 1}},
    ],
)
def test_the_network_is_the_one_that_was_trained(tmp_path, changes):
    own = card(**changes)
    found, made = load_network(own, trained(tmp_path, **changes)), network(own)
    assert found.built_as == made.built_as
    assert all(torch.equal(a, b) for a, b in zip(found.state_dict().values(), made.state_dict().values(), strict=True))


def test_a_card_from_before_an_option_means_the_network_of_its_time(tmp_path):
    changes = {"method": "safnet", "width": 0.0625, "input_grid": (2, 32, 16), "evaluation_grid": (2, 32, 16)}
    own = Card.read(trained(tmp_path, **changes))
    assert own.options == {"gate": "conv"}
    assert load_network(own, tmp_path).splicing.gate.kind == "conv"
    for gate in ("sigmoid_conv", "conv"):
        now = card(**changes, options=METHODS["safnet"].lasting("full", {"gate": gate}))
        assert load_network(now, tmp_path).splicing.gate.kind == gate


@pytest.mark.skipif(not RELEASED["mr"].there, reason="the released network of MR volumes is not here")
def test_the_released_network_of_mr_volumes_gates_as_it_was_trained():
    folder = RELEASED["mr"].folder
    assert load_network(Card.read(folder), folder).splicing.gate.kind == "conv"


@pytest.mark.parametrize("changes", [{"width": 0.125}, {"local": True}, {"classes": ("a", "b")}, {"method": "resunet"}])
def test_weights_of_another_network_are_refused(tmp_path, changes):
    leave(tmp_path, network(card()), card(**changes))
    with pytest.raises(BadInput, match=r"weights of another network.* Build the method, variant, width and channels"):
        load_network(card(**changes), tmp_path)
