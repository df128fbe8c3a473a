"""Digital volumes, prepared once."""

import pytest

from spinelib.cases.labelled import write_labelled
from spinelib.sources import phantom_mr
from tests.protocol.made_volumes import LOW, PATIENTS, volume_run


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """A study's data: digital patients, of whom the last labels only the lowest levels."""
    folder = tmp_path_factory.mktemp("data")
    target = folder / "phantom_mr"
    target.mkdir()
    phantom_mr.prepare_phantom_mr(None, target, PATIENTS, seed=1, test_fraction=0.3, size=[128, 112], slices=7)
    write_labelled({"p00009": LOW}, target)
    return folder


@pytest.fixture
def run(shared, tmp_path):
    return volume_run(shared, tmp_path)
