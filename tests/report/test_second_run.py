"""How far a second run moved the scores of an index, and which of its verdicts it changed."""

import csv
import json
import shutil

import pandas as pd
import pytest

from spinelib.core.errors import BadInput
from spinelib.core.layout import StudyFolder
from spinelib.report.index import write_index
from spinelib.report.leaderboard import boards
from spinelib.report.second_run import compare_second, main, read_second_run
from spinelib.runs import machine
from spinelib.runs.frozen import freeze
from tests.report import sample

AGREED = {"comparisons": {}, "test sets": {"p": {"seed": 1}}, "recipes": {}}
PLAIN = ["phantom", "all test cases", "all", "spine", "dice", "difference", "unet/full", "fcn8s/full"]


def write_contrasts(folder, verdict):
    with (folder / "questions" / "90_compare" / "contrasts.csv").open("w", newline="") as handle:
        names = ("dataset", "subset", "view", "structure", "metric", "kind", "one", "other")
        numbers = dict.fromkeys(("mean", "low", "high", "p_holm", "unit", "n", "seeds"), "")
        row = dict(zip(names, PLAIN, strict=True)) | numbers | {"verdict": verdict}
        writer = csv.DictWriter(handle, row)
        writer.writeheader()
        writer.writerow(row)


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """A study and a second run of it, in which U-Net has another Dice and one comparison another verdict."""
    monkeypatch.setattr(machine, "code", lambda: {"commit": "0123456789ab"})
    one = sample.write_study(tmp_path)
    freeze(one, AGREED, 0)
    two = shutil.copytree(one, tmp_path / "again")
    rows = pd.read_csv(two / "summary.csv", dtype=str, keep_default_na=False)
    unet = (rows["method"] == "unet") & (rows["view"] == "all") & (rows["metric"] == "dice")
    assert unet.any()
    rows.assign(mean=rows["mean"].mask(unet, "0.79")).to_csv(two / "summary.csv", index=False)
    for folder, verdict in ((one, "better"), (two, "open")):
        write_contrasts(folder, verdict)
        write_index(folder)
    return one, two


def test_every_score_and_verdict_of_both_is_a_row(runs):
    table = compare_second(*runs)
    assert StudyFolder(runs[0]).second_run.exists()
    scores = table[table["what"] == "score"]
    moved = scores[scores["difference"] != 0]
    assert len(scores) > len(moved) > 0
    assert set(moved["entry"]) == {"U-Net"}
    assert moved["difference"].tolist() == pytest.approx([-0.01] * len(moved))
    verdicts = table[table["what"].isin(["answer", "comparison"])]
    assert verdicts["what"].value_counts()["answer"] >= 1
    assert verdicts.loc[verdicts["changed"] == str(True), "what"].tolist() == ["comparison"]


def test_the_index_tells_what_moved_and_what_changed(runs):
    assert 'id="second"' not in (runs[0] / "index.html").read_text()
    compare_second(*runs)
    html = write_index(runs[0]).read_text()
    told = html[html.index('<h2 id="second">') : html.index('<h2 id="questions">')]
    assert "run twice from its beginning (commits 0123456789ab and 0123456789ab)" in told
    assert "the second run changed 1." in told
    assert "<td>comparison</td>" in told
    assert '<td class="number">-0.01</td>' in told
    assert 'href="#second"' in html


def test_what_was_compared_is_told_no_more_once_the_scores_are_others(runs):
    compare_second(*runs)
    shutil.copy(runs[1] / "summary.csv", runs[0] / "summary.csv")
    assert read_second_run(runs[0], boards(runs[0] / "summary.csv")) is None
    assert 'id="second"' not in write_index(runs[0]).read_text()


def test_digits_that_publications_leave_out_are_no_move(runs):
    rows = pd.read_csv(runs[0] / "summary.csv")
    rows.assign(mean=rows["mean"] * (1 + 1e-6)).to_csv(runs[1] / "summary.csv", index=False)
    compare_second(*runs)
    found = read_second_run(runs[0], boards(runs[0] / "summary.csv"))
    assert {line[-1] for line in found.lines} == {"0"}
    assert (
        f"Of {len(found.lines)} scores on the boards of test cases {len(found.lines)} are the same"
        in (found.sentences[0])
    )


def test_another_study_is_refused(runs, capsys):
    freeze(runs[1], AGREED | {"test sets": {"p": {"seed": 2}}}, 0)
    assert main([str(runs[0]), str(runs[1])]) == 2
    assert "is no second run of" in capsys.readouterr().err
    assert not StudyFolder(runs[0]).second_run.exists()
    protocol = StudyFolder(runs[1]).protocol
    protocol.write_text(json.dumps(json.loads(protocol.read_text()) | {"states": []}))
    with pytest.raises(BadInput, match="damaged"):
        compare_second(*runs)


def test_the_command_says_what_moved(runs, capsys):
    assert main([str(runs[0]), str(runs[1])]) == 0
    assert "the second run changed 1." in capsys.readouterr().out
