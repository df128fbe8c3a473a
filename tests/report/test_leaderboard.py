"""Which columns a board of the index has, and what is refused."""

import pytest

from spinelib.core.errors import BadInput
from spinelib.report.leaderboard import boards, glossary

HEADER = "dataset,trained_on,method,variant,recipe,width,split,view,structure,metric,unit,mean,low,high,n\n"


def write(folder, *pairs):
    lines = (f"d,d,unet,full,common,1.0,test,all,spine,{metric},{unit},0.5,0.4,0.6,9\n" for metric, unit in pairs)
    (folder / "summary.csv").write_text(HEADER + "".join(lines))
    return boards(folder / "summary.csv")


def test_the_first_four_by_place_and_those_without_a_place(tmp_path):
    pairs = [("assd", "mm"), ("dice_closed", "1"), ("iou", "1"), ("nsd", "1"), ("hd95", "px"), ("hd95", "mm")]
    (board,) = write(tmp_path, *pairs, ("dice", "1"), ("sensitivity", "1"))
    expected = [("dice", "", "↑"), ("hd95", "mm", "↓"), ("nsd", "", "↑"), ("assd", "mm", "↓"), ("dice_closed", "", "↑")]
    assert board.metrics == expected
    assert [metric.name for metric in glossary([board])] == [name for name, _, _ in expected]


def test_a_metric_that_is_not_registered_is_refused(tmp_path):
    with pytest.raises(BadInput, match=r"no metric is called 'dicee'.* Did you mean 'dice'"):
        write(tmp_path, ("dicee", "1"))
