"""A small network that has learned spines, and its gate, once for all tests of the gate."""

import pytest

from spinelib.apply.gate import made
from spinelib.apply.gate.made import Amounts
from spinelib.apply.gate.whole import make_and_try
from spinelib.prediction.predictor import Predictor

from ...prediction.made import stand_in
from .. import outliner
from ..made import finished

AMOUNTS = Amounts(films=30, corrupted=3, each=6, others=4, volumes=1)
CORRUPTIONS = ("blur", "collimation")


@pytest.fixture(scope="session")
def gated(tmp_path_factory):
    """The network, the folder with the tables of its making, and their words; few pictures, other seeds for trying."""
    folder = tmp_path_factory.mktemp("gated")
    every = made.chosen
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outliner, "FILMS", 48)
        patch.setattr(outliner, "STEPS", 300)
        network = outliner.trained_outliner(folder / "data")
        stand_in(patch, network)
        patch.setattr(Amounts, "scaled", lambda self, share: AMOUNTS)
        patch.setattr(made, "chosen", lambda names, dims: every(CORRUPTIONS, dims))
        predictor = Predictor.from_folder(
            finished(folder / "study", network, grid=list(outliner.GRID), local=False), "cpu"
        )
        words = make_and_try(predictor, folder / "out")
    return predictor, folder / "out", words
