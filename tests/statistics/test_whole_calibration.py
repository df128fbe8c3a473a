"""The whole calibration is one table with a verdict in every row."""

from spinelib.statistics.calibration import COLUMNS
from spinelib.statistics.whole_calibration import FEWEST_RANKS, calibrate_all


def test_every_part_is_there_and_judged():
    table = calibrate_all([8], repetitions=30)
    assert list(table.columns) == [*COLUMNS, "verdict"]
    assert table["of"].unique().tolist() == ["differences", "means", "ranks", "tau"]
    assert table["verdict"].notna().all()
    assert table.groupby("of")["repetitions"].first().to_dict()["ranks"] == FEWEST_RANKS
    assert table.groupby(["kind", "of"])["used"].any().all()
