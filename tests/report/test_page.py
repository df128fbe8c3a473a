"""One run's page: words, formulas, tables, folded code, tracebacks, and nothing from the network."""

import json
import re
import subprocess
import sys

import pytest

from spinelib.core.errors import BadInput
from spinelib.report.index import write_index
from spinelib.report.page import write_page
from tests.report import sample


def read(study, name):
    return (study / "runs" / name / "report.html").read_text(encoding="utf-8")


def test_nothing_on_a_page_asks_the_network(study):
    for path in study.rglob("*.html"):
        html = path.read_text(encoding="utf-8")
        assert html.count("<script") == (path.name == "index.html")
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
    assert "run.json is damaged, or was edited" in html
    assert "The run left no notebook." in html


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
