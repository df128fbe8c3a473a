"""Publishing a study: the same bytes for the same study, within the limits, and all or nothing."""

import json
import shutil

import matplotlib
import pytest

from spinelib.core.errors import BadInput
from spinelib.report.publish import publish
from spinelib.report.publish.__main__ import main
from spinelib.report.publish.study import LEVELS
from tests.report.publish.made import copied, files, pictures

matplotlib.use("agg")


def test_equal_input_gives_equal_bytes_and_takes_the_place_of_what_was(studies, published, tmp_path):
    into = tmp_path / "s"
    publish(studies["f"], into)
    (into / "old.html").write_text("from before")
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
