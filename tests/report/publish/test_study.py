"""Publishing a study: the same bytes for the same study, within the limits, and all or nothing."""

import html
import io
import json
import shutil
from urllib.parse import quote, unquote

import matplotlib
import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_output
from PIL import Image

from spinelib.core.errors import BadInput
from spinelib.report.page import write_page
from spinelib.report.publish.__main__ import main
from spinelib.report.publish.hidden import LEFT
from spinelib.report.publish.study import LEVELS, publish
from spinelib.runs.figures import save_figure
from spinelib.runs.frozen import freeze
from spinelib.runs.scorings import note_scoring
from tests.report.publish.made import copied, drawn, files, pictures, shown, write_run

matplotlib.use("agg")


def test_equal_input_gives_equal_bytes_and_takes_the_place_of_what_was(studies, published, tmp_path):
    into = tmp_path / "s"
    publish(studies["f"], into)
    (into / "questions" / "old").mkdir()
    (into / "questions" / "old" / "report.html").write_text("from before")
    publish(studies["m"], into)
    assert files(into) == files(published["m"][0])
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_a_failure_leaves_what_was_published_before(studies, tmp_path, monkeypatch):
    into = tmp_path / "s"
    publish(studies["m"], into)
    before = files(into)

    def full(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(BadInput, match="cannot be written"):
        publish(studies["f"], into)
    monkeypatch.undo()
    assert files(into) == before
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_a_page_that_reads_another_study_keeps_its_plots_alone(studies, tmp_path):
    folder = copied(studies["m"], tmp_path)
    record = json.loads((folder / "questions/90_q/run.json").read_text())
    record["parameters"]["beside"] = ["../reports/aasce"]
    (folder / "questions/90_q/run.json").write_text(json.dumps(record))
    publish(folder, tmp_path / "into")
    kept = pictures(tmp_path / "into")
    assert {name for name in kept if name.startswith("questions")} == {
        "questions/90_q/figures/line.png",
        "questions/90_q/figures/map.png",
    }
    assert any(name.startswith("runs/p-unet-full-s0-f0/figures/overlay") for name in kept)


def test_a_large_study_gives_up_pages_of_further_seeds_then_refuses(studies, published, tmp_path, monkeypatch):
    size = sum(map(len, files(published["m"][0]).values()))
    monkeypatch.setattr("spinelib.report.publish.study.STUDY_LIMIT", size - 1)
    monkeypatch.setattr("spinelib.report.publish.study.LEVELS", (LEVELS[0], LEVELS[-1]))
    said = publish(studies["m"], tmp_path / "s")
    there = files(tmp_path / "s")
    assert sum(map(len, there.values())) < size
    assert "runs/p-unet-full-s0-f0/report.html" in there
    assert "runs/p-unet-full-s1-f0/report.html" not in there
    assert "pages that differ from another in seed or fold alone (their numbers are in the tables) (1)" in said
    assert '<td class="nowrap">p-unet-full-s1-f0</td>' in there["index.html"].decode().replace("\n", "")
    monkeypatch.setattr("spinelib.report.publish.study.STUDY_LIMIT", 1000)
    with pytest.raises(BadInput, match="however small"):
        publish(studies["m"], tmp_path / "t")
    assert not (tmp_path / "t").exists()


def test_anything_foreign_that_slips_through_stops_it(studies, tmp_path, monkeypatch):
    monkeypatch.setattr("spinelib.report.publish.pictures.is_plot", lambda png: True)
    with pytest.raises(ValueError, match="may show other people's images"):
        publish(studies["f"], tmp_path / "s")
    assert not (tmp_path / "s").exists()


def test_what_is_no_study_or_another_target_is_refused(studies, tmp_path):
    with pytest.raises(BadInput, match="is not the folder of a study"):
        publish(tmp_path, tmp_path / "s")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("years of work")
    with pytest.raises(BadInput, match="holds something else"):
        publish(studies["m"], tmp_path / "other")
    assert files(tmp_path / "other") == {"thesis.tex": b"years of work"}
    empty = copied(studies["m"], tmp_path)
    shutil.rmtree(empty / "runs")
    shutil.rmtree(empty / "questions")
    with pytest.raises(BadInput, match="nothing of this study has finished"):
        publish(empty, tmp_path / "t")


def test_the_command_publishes_beside_the_study(studies, tmp_path, capsys):
    folder = copied(studies["m"], tmp_path)
    assert main([str(folder)]) == 0
    assert (tmp_path / "reports/published/s/index.html").exists()
    assert "weights" in capsys.readouterr().out
    assert main([str(tmp_path)]) == 2
    assert "error: " in capsys.readouterr().err


NAME = "H\u00fcbner <b>'x' & $y_1$"
TOLD = ("H\u00fcbner", "bner <b>", "bner &lt;b", "31.57", "19640229", "My films", "88123456")


def write_single(folder, source):
    """What a notebook about single films leaves: names and angles in tables, prints, errors, captions and records."""
    head = "<thead><tr><th></th><th>file</th><th>an1</th></tr></thead>"
    row = f"<table>{head}<tr><td>{html.escape(NAME)}.png</td><td>31.57</td></tr></table>"
    cells = [
        nbformat.v4.new_markdown_cell("# About films"),
        nbformat.v4.new_code_cell(f"# Parameters\nsource = {source!r}", metadata={"tags": ["injected-parameters"]}),
        nbformat.v4.new_code_cell(
            "show()",
            execution_count=1,
            outputs=[
                new_output("display_data", {"text/html": row, "text/plain": f"{NAME} 31.57"}),
                new_output("stream", name="stdout", text=f"outlining 1/1 {NAME}.png 31.57\n"),
                new_output("display_data", {"text/markdown": f"- **{NAME}: 31.57**"}),
                new_output("error", ename="BadInput", evalue=f"{source}/{NAME}.png: 31.57", traceback=[NAME]),
                shown(save_figure(drawn(), folder / "figures", "line", f"Of {NAME}."), f"Of {NAME}."),
            ],
        ),
        nbformat.v4.new_code_cell(
            "mean()",
            execution_count=2,
            outputs=[new_output("execute_result", {"text/plain": "31.57"})],
            metadata={"tags": ["single-cases"]},
        ),
        nbformat.v4.new_code_cell(
            "n", execution_count=3, outputs=[new_output("execute_result", {"text/plain": "3 films"})]
        ),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "notebook.ipynb")
    (folder / "applied").mkdir()
    (folder / "applied" / "results.csv").write_text(f'file,an1\n"{NAME}.png",31.57\n')
    (folder / "each.csv").write_text(f'name,value\n"{NAME}",31.57\n')
    write_page(folder)


@pytest.mark.parametrize("way", ["absolute", "relative"])
def test_nothing_that_is_published_names_a_film_or_says_where_it_lies(tmp_path, monkeypatch, way):
    monkeypatch.chdir(tmp_path)
    source = "My films, of 2024" if way == "relative" else str(tmp_path / "My films, of 2024")
    folder = tmp_path / "reports" / "s"
    for kind, name in (("questions", "00_explore"), ("questions", "80_apply"), ("runs", "r-s0-f0")):
        write_run(folder / kind / name, {"line": (drawn(), None)}, f"{kind}/{name}")
        record = json.loads((folder / kind / name / "run.json").read_text())
        record["parameters"] |= {"source": source, "note": NAME}
        record |= {"answer": [f"{NAME} was best."], "facts": {"worst": f"{source}/{NAME}.png"}}
        (folder / kind / name / "run.json").write_text(json.dumps(record))
        write_single(folder / kind / name, source)
    failure = {
        "status": "failed",
        "error": f"BadInput: {source}/Z\u00fcrn.png: 31.57",
        "parameters": {},
        "seconds": 1.0,
    }
    (folder / "runs" / "r-s0-f0" / "run.json").unlink()
    (folder / "runs" / "r-s0-f0" / "failure.json").write_text(json.dumps(failure))
    data = folder / "data" / "mine"
    data.mkdir(parents=True)
    (data / "options.json").write_text(json.dumps({"dataset": "folder", "source": source}))
    (data / "manifest.csv").write_text(
        f'case,patient,image,study_date\n"{NAME}",88123456,"{source}/{NAME}.png",19640229\n'
    )
    (data / "console.txt").write_text(f"error: {source}/Z\u00fcrn.png: is broken")
    facts = {"name": "s", "title": "A study", "question": "", "banner": "", "linked": True}
    facts |= {"data": {"mine": f"dataset folder, source {source}, seed 1"}, "runs": [{"id": "r-s0-f0"}]}
    facts |= {"questions": [{"id": "00_explore"}, {"id": "80_apply"}]}
    (folder / "study.json").write_text(json.dumps(facts))
    publish(folder, tmp_path / "into")
    there = files(tmp_path / "into")
    for path, raw in there.items():
        texts = [raw.decode("utf-8", "replace")]
        if path.endswith(".png"):
            with Image.open(io.BytesIO(raw)) as image:
                texts += [f"{key} {value}" for key, value in image.info.items()]
        texts += [html.unescape(texts[0]), texts[0].encode().decode("unicode_escape", "replace"), unquote(texts[0])]
        for word in (*TOLD, "Z\u00fcrn", str(tmp_path), *(source, quote(source), html.escape(NAME))):
            assert not any(word in text for text in texts), (path, word)
    page = there["questions/80_apply/report.html"].decode()
    assert page.count(LEFT) == 5
    assert "3 films" in page
    assert 'figures/line.png"' in page
    assert "source $DATA" in there["index.html"].decode()
    assert json.loads(there["study.json"])["data"] == {"mine": "dataset folder, source $DATA"}
    assert "questions/80_apply/each.csv" not in there


def test_what_code_in_no_commit_has_made_is_published_only_on_request_and_the_page_says_so(studies, tmp_path):
    folder = copied(studies["m"], tmp_path)
    record = folder / "runs" / "p-unet-full-s1-f0" / "run.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), "trained": {"commit": "ffff", "dirty": True}}))
    into = tmp_path / "into"
    with pytest.raises(BadInput, match=r"code that was not committed has made \(runs/p-unet-full-s1-f0\)"):
        publish(folder, into)
    assert not into.exists()
    assert main([str(folder), "--into", str(into)]) == 2
    assert main([str(folder), "--into", str(into), "--allow-dirty"]) == 0
    page = (into / "index.html").read_text()
    assert "<span>made by code that was not committed</span>runs/p-unet-full-s1-f0" in page
    assert "ffff with local changes" in page


def test_the_ledger_and_what_was_agreed_are_published_but_no_digest_of_a_patient(studies, tmp_path):
    folder = copied(studies["f"], tmp_path)
    freeze(folder, {"comparisons": {}}, 2)
    cases = pd.DataFrame({"dataset": ["p"], "split": ["test"], "case": ["a"]})
    note_scoring(folder / "runs" / "p-unet-full-s0-f0", cases, {})
    record = folder / "runs" / "p-unet-full-s0-f0" / "run.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), "facts": {"seen": {"p": ["0123456789ab"]}}}))
    publish(folder, tmp_path / "into", allow_dirty=True)
    assert "runs/p-unet-full-s0-f0" in (tmp_path / "into" / "scorings.csv").read_text()
    assert "when 2 runs had finished" in (tmp_path / "into" / "index.html").read_text()
    assert (tmp_path / "into" / "protocol.json").exists()
    assert "0123456789ab" not in (tmp_path / "into" / "runs.json").read_text()
