"""See test_released.py: writing a release and taking it are tested together."""

from spinelib.protocol.release import stretches_of

from .test_released import trained


def test_the_stretches_of_a_run_name_it(tmp_path):
    assert [part["run"] for part in stretches_of(trained(tmp_path / "study"))] == ["own-run"]
