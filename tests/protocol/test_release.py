"""See test_released.py: writing a release and taking it are tested together."""

import pytest

from spinelib.core.errors import BadInput
from spinelib.core.layout import WEIGHTS
from spinelib.protocol.release import release_network, stretches_of

from .test_released import trained


def test_the_stretches_of_a_run_name_it(tmp_path):
    assert [part["run"] for part in stretches_of(trained(tmp_path / "study"))] == ["own-run"]


def test_weights_of_somebody_else_are_not_written_over(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / WEIGHTS).write_bytes(b"mine")
    with pytest.raises(BadInput, match="holds weights that are no release"):
        release_network(tmp_path / "study", tmp_path / "mine")
    assert (tmp_path / "mine" / WEIGHTS).read_bytes() == b"mine"
