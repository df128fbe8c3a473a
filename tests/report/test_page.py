import json
import re
import subprocess
import sys

import pandas as pd
import pytest

from spinelib.core.errors import BadInput
from spinelib.report.formulas import formula
from spinelib.report.index import write_index
from spinelib.report.leaderboard import boards
from spinelib.report.page import write_page
from spinelib.report.words import duration, number
from spinelib.statistics.comparison import summarise
from tests.questions.compare.case_rows import case_rows
from tests.questions.compare.volume_rows import table_of, volume_rows
from tests.report import sample


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = sample.write_study(tmp_path_factory.mktemp("root"))
    for page in [*(folder / "runs").iterdir(), *(folder / "questions").iterdir()]:
        write_page(page)
    write_index(folder)
    return folder


def read(study, name):
    return (study / "runs" / name / "report.html").read_text(encoding="utf-8")


def test_nothing_on_a_page_asks_the_network(study):
    for path in study.rglob("*.html"):
        html = path.read_text(encoding="utf-8")
        assert "<script" not in html
        assert not re.search(r"<(img|link|iframe|source)\b[^>]*(src|href)=[\"'](?!data:)", html)
        assert not re.search(r"@import|url\((?!data:)", html)


def test_a_page_shows_words_formulas_tables_and_captions(study):
    html = read(study, "p-unet-full-s0-f0")
    assert "How well does <b>it</b> do?" in html
    assert html.count('<svg class="formula"') == 2
    assert "<code>\\nonsense{</code>" in html
    assert "<figcaption>Two lines that cross.</figcaption>" in html
    assert 'id="loss"' in html
    assert 'href="#loss-2"' in html
    assert "demonstration budget" in html
    assert '<a href="https://example.org">a link</a>' in html
    assert "never" not in html
    assert '<pre class="printed">plain</pre>' in html


def test_printed_text_is_as_on_a_screen_and_long_text_is_folded(study):
    html = read(study, "p-unet-full-s0-f0")
    assert "50 %" not in html
    assert "<summary>101 lines printed</summary>" in html
    assert '<pre class="warning">careful</pre>' in html


def test_code_is_folded_and_the_parameters_are_a_table(study):
    html = read(study, "p-unet-full-s0-f0")
    assert "<details><summary>x = 1  # one  … 2 lines</summary>" in html
    row = re.search(r"<tr><td[^>]*>method</td>(.*?)</tr>", html)[1]
    assert re.findall(r">([^<]+)</td>", row) == ["unet", "fcn8s", "which network"]
    assert "# parameters" not in html
    assert "1 234 567".replace(" ", "\u202f") in html


def test_a_failed_run_shows_its_traceback_and_links_to_it(study):
    html = read(study, "p-plunet-full-s0-f0")
    assert "This run failed." in html
    assert "ValueError: &lt;no films&gt;" in html
    assert "----&gt; 1 raise ValueError" in html
    assert 'href="#error"' in html
    assert 'id="error"' in html
    assert "\x1b" not in html
    assert "This run was killed." in read(study, "p-safnet-full-s0-f0")


def test_figures_are_compressed_by_palette(study):
    figure = re.search(r"data:image/png;base64,([^\"]+)", read(study, "p-unet-full-s0-f0"))[1]
    assert len(figure) < 0.9 * len(sample.png())


def test_a_notebook_cut_off_in_mid_write_still_has_a_page(tmp_path):
    folder = tmp_path / "reports" / "s" / "runs" / "r"
    folder.mkdir(parents=True)
    (folder / "notebook.ipynb").write_text('{"cells": [{"cell_type": "mark')
    (folder / "run.json").write_text('{"stat')
    html = write_page(folder).read_text(encoding="utf-8")
    assert "has not finished" in html
    assert "The run left no notebook." in html


def test_the_index_shows_every_state_and_links_to_every_page(study):
    html = (study / "index.html").read_text(encoding="utf-8")
    for words in ("4 finished", "1 failed", "1 killed", "1 waiting", "Which is best?", "demonstration budget"):
        assert words in html
    assert "ValueError: &lt;no films&gt;" in html
    assert "3 min 20 s" in html
    assert "error: films: is not a folder." in html
    assert "Mean Dice by method." in html
    links = re.findall(r'href="([^"#:]+)"', html)
    assert "runs/p-plunet-full-s0-f0/report.html" in links
    assert "questions/90_compare/report.html" in links
    assert all((study / link).exists() for link in links if link != "cases.csv")


def test_runs_of_other_code_are_flagged(study):
    html = (study / "index.html").read_text(encoding="utf-8")
    flagged = [row for row in re.findall(r"<tr\b.*?</tr>", html, re.DOTALL) if "other code" in row]
    assert len(flagged) == 1
    assert "p-unet-full-s1-f0" in flagged[0]


def test_the_leaderboard_ranks_clean_films_of_all_views(study):
    board, _ = boards(study / "summary.csv")
    assert board.title == "p, test, spine"
    assert board.metrics == [("dice", "", "↑"), ("hd95", "%", "↓")]
    assert [line.name for line in board.lines] == ["FCN-8s", "U-Net", "PSPNet"]
    fcn8s, unet, pspnet = board.lines
    assert [cell.mean for cell in fcn8s.cells] == [0.9, 4.0]
    assert [cell.best for cell in fcn8s.cells] == [True, False]
    assert [cell.best for cell in unet.cells] == [False, True]
    assert pspnet.plot is None
    assert board.patients == 12
    mean, low, high = unet.plot
    assert low < mean < high < fcn8s.plot[2]


def test_pooled_numbers_hide_no_view_and_recipes_have_boards_of_their_own(study):
    _, board = boards(study / "summary.csv")
    assert board.title == "p, test, spine, published"
    assert board.metrics == [("dice", "", "↑")]
    assert [cell.mean for line in board.lines for cell in line.cells] == [0.7]
    assert board.patients == 12


def test_a_study_without_results_has_an_index(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "summary.csv").write_text(sample.SUMMARY.splitlines()[0] + "\n")
    html = write_index(tmp_path / "empty").read_text(encoding="utf-8")
    assert "Leaderboard" not in html
    assert "This study trains nothing." in html


def test_folders_that_are_not_there_are_named(tmp_path):
    for write in (write_page, write_index):
        with pytest.raises(BadInput, match="is not the folder of a"):
            write(tmp_path / "none")


def test_the_command_writes_a_page_and_says_how_the_run_went(tmp_path):
    folder = sample.write_study(tmp_path)
    command = [sys.executable, "-m", "spinelib.report"]
    run = folder / "runs" / "p-plunet-full-s0-f0"
    done = subprocess.run([*command, "page", str(run)], capture_output=True, text=True, check=True)
    assert done.stdout == "  failed: p-plunet-full-s0-f0  ValueError: <no films>\n"
    assert (run / "report.html").exists()
    done = subprocess.run([*command, "index", str(folder / "none")], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")


def test_pages_are_made_without_torch_and_pandas():
    code = (
        "import sys, json, spinelib.report.page, spinelib.runs, spinelib.study\nprint(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "pandas", "matplotlib", "nbconvert", "snakemake"} & set(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.81234, "0.812"), (12.3456, "12.3"), (1234567, "1\u202f234\u202f567"), (0.0, "0"), (float("nan"), "\u2013")],
)
def test_numbers_are_short(value, words):
    assert number(value) == words


def test_durations_are_short():
    assert [duration(s) for s in (3.21, 59.9, 61, 3600 * 2 + 300, None)] == [
        "3.2 s",
        "1 min 00 s",
        "1 min 01 s",
        "2 h 05 min",
        "",
    ]


def test_a_formula_keeps_its_words_for_those_who_cannot_see_it():
    svg = formula(r"\text{Dice} = \frac{2a}{b}", block=True)
    assert 'aria-label="\\text{Dice} = \\frac{2a}{b}"' in svg
    assert svg.startswith('<div class="formula-block">')


def test_volumes_have_boards_of_groups_and_names_say_only_what_differs_on_their_data(tmp_path):
    films = summarise(pd.DataFrame(case_rows("unet", "phantom", 0.7)).assign(dataset="phantom"))
    volumes = summarise(table_of(volume_rows("safnet", 0.8), volume_rows("unet3d", 0.7)))
    pd.concat([films, volumes]).to_csv(tmp_path / "summary.csv", index=False)
    first, *others = boards(tmp_path / "summary.csv")
    assert [line.name for line in first.lines] == ["U-Net"]
    assert [board.title for board in others] == ["mr, test, all", "mr, test, vertebrae", "mr, test, discs"]
    assert others[1].metrics == [("dice", "", "↑"), ("hd95", "mm", "↓"), ("assd", "mm", "↓")]
    assert [line.name for line in others[0].lines] == ["SAFNet", "3-D U-Net"]
