"""The network of a card: as it was built and trained, or refused where the weights are another's."""

import pytest
import torch

from spinelib.core.errors import BadInput
from spinelib.prediction.loading import load_network

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


@pytest.mark.parametrize("changes", [{"width": 0.125}, {"local": True}, {"classes": ("a", "b")}, {"method": "resunet"}])
def test_weights_of_another_network_are_refused(tmp_path, changes):
    leave(tmp_path, network(card()), card(**changes))
    with pytest.raises(BadInput, match=r"weights of another network.* Build the method, variant, width and channels"):
        load_network(card(**changes), tmp_path)
