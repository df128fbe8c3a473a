"""A small network that has learned spines, and its gate, once for all tests of the gate."""

import pytest

from spinelib.apply.gate import made
from spinelib.apply.gate.made import Amounts
from spinelib.apply.gate.whole import make_and_try
from spinelib.prediction.predictor import Predictor

from ...prediction.made import stand_in
from ..made import finished
from ..outliner import GRID, trained_outliner

AMOUNTS = Amounts(films=16, corrupted=3, each=3, others=2, volumes=1)
CORRUPTIONS = ("blur", "collimation")


@pytest.fixture(scope="session")
def gated(tmp_path_factory):
    """The network, the folder with the tables of its making, and their words; few pictures, other seeds for trying."""
    folder = tmp_path_factory.mktemp("gated")
    network, every = trained_outliner(folder / "data"), made.chosen
    with pytest.MonkeyPatch.context() as patch:
        stand_in(patch, network)
        patch.setattr(Amounts, "scaled", lambda self, share: AMOUNTS)
        patch.setattr(made, "chosen", lambda names, dims: every(CORRUPTIONS, dims))
        predictor = Predictor.from_folder(finished(folder / "study", network, grid=list(GRID), local=False), "cpu")
        words = make_and_try(predictor, folder / "out")
    return predictor, folder / "out", words
