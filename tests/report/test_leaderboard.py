"""The boards of the index: which there are, their columns and order, and what is refused."""

import pandas as pd
import pytest

from spinelib.core.errors import BadInput
from spinelib.report.leaderboard import boards, glossary, open_boards
from spinelib.statistics.comparison import summarise
from tests.questions.compare.case_rows import case_rows
from tests.questions.compare.volume_rows import table_of, volume_rows

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


def test_a_column_that_no_perfect_outline_could_reach_has_no_board(tmp_path):
    write(tmp_path, ("dice", "1"))
    path = tmp_path / "summary.csv"
    path.write_text(path.read_text() + "d,d,unet,full,common,1.0,test,all,spine_column,dice,1,0.8,0.7,0.9,9\n")
    assert [board.title for board in boards(path)] == ["d: spine, test cases"]


def test_each_kind_of_entry_has_a_board_beside_the_whole_method(tmp_path):
    write(tmp_path, ("dice", "1"))
    path = tmp_path / "summary.csv"
    more = ("d,d,unet,full_pretrained", "d,d,plunet,full", "d,d,unet,full_films54")
    path.write_text(path.read_text() + "".join(f"{x},common,1.0,test,all,spine,dice,1,0.9,0.8,1,9\n" for x in more))
    found = {board.title: len(board.lines) for board in boards(path)}
    titles = [
        "d: spine, test cases",
        "d: spine, test cases, other weights or data",
        "d: spine, test cases, fewer films",
    ]
    assert found == dict.fromkeys(titles, 2)


def test_a_metric_that_is_not_registered_is_refused(tmp_path):
    with pytest.raises(BadInput, match=r"no metric is called 'dicee'.* Did you mean 'dice'"):
        write(tmp_path, ("dicee", "1"))


def test_the_leaderboard_ranks_clean_films_of_all_views(study):
    board, _ = boards(study / "summary.csv")
    assert board.title == "p: spine, test cases"
    assert board.metrics == [("dice", "", "↑"), ("hd95", "%", "↓")]
    assert [line.name for line in board.lines] == ["FCN-8s", "U-Net", "PSPNet"]
    fcn8s, unet, pspnet = board.lines
    assert [cell.mean for cell in fcn8s.cells] == [0.9, 4.0]
    assert pspnet.plot is None
    assert board.patients == 12
    mean, low, high = unet.plot
    assert low < mean < high < fcn8s.plot[2]


def test_pooled_numbers_hide_no_view_and_recipes_have_boards_of_their_own(study):
    _, board = boards(study / "summary.csv")
    assert board.title == "p: spine, test cases, published recipe"
    assert board.metrics == [("dice", "", "↑")]
    assert [cell.mean for line in board.lines for cell in line.cells] == [0.7]
    assert board.patients == 12


def test_volumes_have_boards_of_groups_and_names_say_only_what_differs_on_their_data(tmp_path):
    films = summarise(pd.DataFrame(case_rows("unet", "phantom", 0.7)).assign(dataset="phantom"))
    volumes = summarise(table_of(volume_rows("safnet", 0.8), volume_rows("unet3d", 0.7)))
    pd.concat([films, volumes]).to_csv(tmp_path / "summary.csv", index=False)
    first, *others = boards(tmp_path / "summary.csv")
    assert [line.name for line in first.lines] == ["U-Net"]
    assert [board.title for board in others] == [
        "mr: all structures, test cases",
        "mr: vertebrae, test cases",
        "mr: discs, test cases",
    ]
    assert others[1].metrics == [("dice", "", "↑"), ("hd95", "mm", "↓"), ("assd", "mm", "↓")]
    assert [line.name for line in others[0].lines] == ["SAFNet", "3-D U-Net"]


def test_whole_methods_on_test_cases_stand_open_and_all_else_is_folded(tmp_path):
    write(tmp_path, ("dice", "1"), ("iou", "1"))
    path = tmp_path / "summary.csv"
    more = "d,d,plunet,full_films54,common,1.0,test,all,spine,dice,1,0.9,0.8,1,9\n"
    more += "e,d,plunet,full,common,1.0,train,all,spine,dice,1,0.9,0.8,1,9\n"
    path.write_text(path.read_text() + more)
    shown = boards(path)
    assert [board.title for board in open_boards(shown)] == ["d: spine, test cases"]
    assert open_boards(shown[1:]) == [shown[1]], "where there is none, the first"
    assert open_boards([]) == []


def test_a_line_is_called_as_contrasts_call_it(tmp_path):
    write(tmp_path, ("dice", "1"))
    path = tmp_path / "summary.csv"
    path.write_text(path.read_text() + "d,d,unet,full,common,0.5,test,all,spine,dice,1,0.9,0.8,1,9\n")
    (board,) = boards(path)
    assert [line.entry for line in board.lines] == ["unet/full_width_0.5", "unet/full_width_1"]
