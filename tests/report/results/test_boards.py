"""Boards of published studies."""

from spinelib.report.results import boards
from spinelib.report.results.published import PublishedStudy
from tests.report.results.made import changed


def test_a_changed_table_changes_the_board(study):
    before = boards.published_board(study, "phantom_lateral", "vertebrae", boards.VERTEBRAE)
    assert "0.908 [0.823, 0.955]" in before
    changed(study, "summary.csv", mean=0.111111, low=0.1, high=0.122222)
    after = boards.published_board(PublishedStudy(study.folder), "phantom_lateral", "vertebrae", boards.VERTEBRAE)
    assert "0.111 [0.100, 0.122]" in after
    assert after.splitlines()[-1].startswith("| SpineFM |")
