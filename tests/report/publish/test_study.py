"""Published results: whose pixels enter, how large, what is said of the rest, and that it is all or nothing."""

import base64
import io
import json
import posixpath
import re
import shutil

import matplotlib
import nbformat
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, OffsetImage
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from spinelib.core.errors import BadInput
from spinelib.report.page import write_page
from spinelib.report.publish import publish
from spinelib.report.publish.__main__ import main
from spinelib.report.publish.origin import all_made, own_images
from spinelib.report.publish.pages import unlink
from spinelib.report.publish.pictures import pixels_of
from spinelib.report.publish.study import LEVELS
from spinelib.report.publish.tables import compact, per_case
from spinelib.runs.figures import CONTENTS, holds_pixels, is_plot, save_figure, shrink
from tests.report.sample import SUMMARY

matplotlib.use("agg")
SOURCE = "/somewhere/films"
MADE = {"phantom": "dataset phantom, patients 2"}
FOREIGN = {"films": f"dataset aasce, source {SOURCE}, grid [1, 2]", **MADE}


def drawn(image=False, size=(3, 2), seed=0):
    figure = Figure(figsize=size)
    ax = figure.subplots()
    ax.plot([0, 1], [0, seed], label="line")
    ax.legend()
    if image:
        ax.imshow(np.random.default_rng(seed).random((150, 100, 3)))
    return figure


def shown(png, caption):
    encoded = base64.b64encode(png).decode()
    return new_output("display_data", {"image/png": encoded}, metadata={"image/png": {"width": 200, "alt": caption}})


def write_run(folder, figures, place):
    """A finished run with `figures` (name: figure, pixels); its notebook shows them and some pictures of its own."""
    folder.mkdir(parents=True)
    pngs = {n: save_figure(f, folder / "figures", n, f"What's {n}.", p) for n, (f, p) in figures.items()}
    outputs = [shown(png, f"What's {name}.") for name, png in pngs.items()]
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(9).integers(0, 255, (40, 60, 3), np.uint8)).save(buffer, "PNG")
    widget = base64.b64encode(buffer.getvalue()).decode()
    outputs += [shown(buffer.getvalue(), "")]
    html = (
        f'<b>t</b><img src="data:image/png;base64,{widget}"><svg><image href="data:image/png;base64,{widget}"/></svg>'
    )
    outputs += [new_output("display_data", {"text/html": html})]
    words = f"# About {folder.name}\n\n[away](https://example.org) [index](../../index.html) [gone](../../cases.csv)"
    trace = new_output("stream", name="stdout", text=f"from {SOURCE}/a.png and /home/somebody/b")
    cells = [new_markdown_cell(words), new_code_cell("show()", execution_count=1, outputs=[*outputs, trace])]
    nbformat.write(new_notebook(cells=cells), folder / "notebook.ipynb")
    record = {
        "status": "finished",
        "parameters": {"out": f"../reports/s/{place}", "seed": 3, "width": 0.25, "epochs": 9},
        "facts": {"training": {"steps": 126, "seconds": 65.0}},
        "answer": ["It depends."],
        "started": "2026-01-02T03:04:05+00:00",
        "seconds": 1.0,
        "threads": 1,
        "code": "aaaa",
        "commit": "0123abcd4567",
        "dirty": False,
        "hardware": {"cpu": "A processor", "cores": 2, "memory_gib": 8.0, "gpu": ""},
        "versions": {"python": "3.11"},
    }
    (folder / "run.json").write_text(json.dumps(record))
    write_page(folder)


def write_study(root, data):
    """``reports/s`` under `root` with a question, two runs that differ in seed, and their tables."""
    folder = root / "reports" / "s"
    folder.mkdir(parents=True)
    runs = ["p-unet-full-s0-f0", "p-unet-full-s1-f0"]
    facts = {"name": "s", "title": "A study", "question": "", "banner": "demonstration budget", "linked": True}
    facts |= {"data": data, "runs": [{"id": name} for name in runs], "questions": [{"id": "90_q"}]}
    (folder / "study.json").write_text(json.dumps(facts))
    figures = {"line": (drawn(), None), "overlay": (drawn(True), None), "map": (drawn(True, seed=1), False)}
    write_run(folder / "questions" / "90_q", figures, "questions/90_q")
    for k, name in enumerate(runs):
        write_run(folder / "runs" / name, {"overlay": (drawn(True, seed=2 + k), None)}, f"runs/{name}")
        (folder / "runs" / name / "history.csv").write_text(f"epoch,loss\n1,0.1234567890{k}\n")
        (folder / "runs" / name / "model.safetensors").write_bytes(b"0" * 99)
    (folder / "summary.csv").write_text(SUMMARY)
    (folder / "cases.csv").write_text("case\na\n")
    (folder / "questions" / "90_q" / "summary.csv").write_text(SUMMARY)
    (folder / "questions" / "90_q" / "means.csv").write_text("name,mean\nfilm 1.123456789 b,0.123456789012\n")
    (folder / "questions" / "90_q" / "each.csv").write_text("case,value\na,1\n")
    return folder


@pytest.fixture(scope="module")
def studies(tmp_path_factory):
    foreign = write_study(tmp_path_factory.mktemp("f"), FOREIGN)
    return {"f": foreign, "m": copied(foreign, tmp_path_factory.mktemp("m"), data=MADE)}


def copied(study, root, **facts):
    """The study under another root, with other facts."""
    folder = root / "reports" / "s"
    shutil.copytree(study, folder)
    known = json.loads((folder / "study.json").read_text())
    (folder / "study.json").write_text(json.dumps(known | facts))
    return folder


@pytest.fixture(scope="module")
def published(studies, tmp_path_factory):
    into = {name: tmp_path_factory.mktemp("into") / name for name in studies}
    return {name: (into[name], publish(folder, into[name])) for name, folder in studies.items()}


def files(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def pictures(folder):
    return sorted(name for name in files(folder) if name.endswith((".png", ".webp")))


def test_of_foreign_images_the_plots_alone_are_published(studies, published):
    folder = published["f"][0]
    assert pictures(folder) == ["questions/90_q/figures/line.png", "questions/90_q/figures/map.png"]
    for path in studies["f"].rglob("overlay.png"):
        overlay = path.read_bytes()
        forms = {overlay, shrink(overlay)}
        middles = [form[len(form) // 6 * 3 :][:90] for form in forms]
        carried = [part for middle in middles for part in (middle, base64.b64encode(middle)[4:-4])]
        page = path.parents[1] / "report.html"
        assert any(part in page.read_bytes() for part in carried)
        for name, data in files(folder).items():
            assert not any(part in data for part in carried), name
        shades = {pixels_of(data) for name, data in files(folder).items() if name in pictures(folder)}
        assert not shades & {pixels_of(form) for form in forms}


def test_a_page_of_foreign_images_says_what_it_does_not_show(published):
    html = (published["f"][0] / "questions/90_q/report.html").read_text()
    assert re.findall(r'<img src="([^"]+)"', html) == ["figures/line.png", "figures/map.png"]
    [gone] = re.findall(r"<figure><p[^>]*>(.*?)</p><figcaption>(.*?)</figcaption>", html)
    assert gone == ("Not published, like all figures that may show other people's images.", "What&#x27;s overlay.")
    assert "<b>t</b>" in html
    assert "<svg><" not in html
    assert "base64" not in html


def test_what_is_made_here_is_published_whole_and_each_picture_once(published):
    folder = published["m"][0]
    names = pictures(folder)
    question = {name for name in names if name.startswith("questions/90_q/figures/")}
    assert {posixpath.basename(name).split(".")[0] for name in question} == {"line", "overlay", "map", "shown_4"}
    # The pictures that no run kept as a file are the same on all pages.
    assert len(names) == len(question) + 2
    assert len({pixels_of((folder / name).read_bytes()) for name in names}) == len(names)
    index = (folder / "index.html").read_text()
    assert 'src="questions/90_q/figures/line.png"' in index
    assert "Figure not" not in index


def test_everything_shown_and_linked_is_there(published):
    for folder, _ in published.values():
        there = files(folder)
        for page in (name for name in there if name.endswith(".html")):
            html = there[page].decode()
            targets = re.findall(r'(?:src|href)="([^"#]+)"', html)
            inner = [word for word in targets if not word.startswith(("https:", "data:,"))]
            assert all(posixpath.normpath(posixpath.join(posixpath.dirname(page), word)) in there for word in inner)
            assert not re.search(r"data:[a-z]+/", html)
        assert "gone <span" in there["questions/90_q/report.html"].decode()


def test_weights_notebooks_and_folders_of_the_machine_stay_away(published):
    for folder, _ in published.values():
        for name, data in files(folder).items():
            assert name.rsplit(".", 1)[1] in ("html", "csv", "json", "png", "webp")
            assert SOURCE.encode() not in data or folder.name == "m"
            assert b"/home/" not in data
        assert "cases.csv" not in files(folder)
    assert "source $DATA" in (published["f"][0] / "study.json").read_text()


def test_the_index_says_where_the_numbers_come_from(published):
    html = (published["f"][0] / "index.html").read_text()
    for words in ("0123abcd4567", "2026-01-02", "2 trainings, width 0.25, epochs 9, steps 126, 2 min 10 s of training"):
        assert words in html
    assert "<span>seeds</span>3" in html
    assert "A processor, 2 cores, 8.0 GiB, 1 thread a run" in html
    assert '<div class="banner" role="note">demonstration budget</div>' in html
    assert "make study STUDY=s DATA=folder" in html
    assert "tables with a row for each case" in html


def test_tables_are_rounded_and_those_of_foreign_cases_left_out(published):
    folder, said = published["f"]
    assert not (folder / "questions/90_q/each.csv").exists()
    assert "questions/90_q/each.csv" in said
    assert (published["m"][0] / "questions/90_q/each.csv").read_text() == "case,value\na,1\n"
    assert (folder / "questions/90_q/means.csv").read_text() == "name,mean\nfilm 1.123456789 b,0.123457\n"
    assert not (folder / "questions/90_q/summary.csv").exists()
    assert (folder / "history.csv").read_text().splitlines()[:2] == ["run,epoch,loss", "p-unet-full-s0-f0,1,0.123457"]
    row = (folder / "runs.csv").read_text().splitlines()[1]
    assert row.startswith("p-unet-full-s0-f0,finished,")
    assert set(json.loads((folder / "runs.json").read_text())) == {
        "questions/90_q",
        "runs/p-unet-full-s0-f0",
        "runs/p-unet-full-s1-f0",
    }


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


def test_a_figure_without_a_word_about_its_pixels_is_not_published(studies, tmp_path):
    folder = copied(studies["f"], tmp_path)
    figure = folder / "questions/90_q/figures/line.png"
    raw = figure.read_bytes()
    start = raw.index(b"tEXt") - 4
    bare = raw[:start] + raw[start + 12 + int.from_bytes(raw[start : start + 4], "big") :]
    assert pixels_of(bare) == pixels_of(raw)
    figure.write_bytes(bare)
    publish(folder, tmp_path / "into")
    assert pictures(tmp_path / "into") == ["questions/90_q/figures/map.png"]


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


def test_a_file_above_the_limit_is_left_out_and_named(studies, tmp_path, monkeypatch):
    monkeypatch.setattr("spinelib.report.publish.edition.FILE_LIMIT", len(compact(SUMMARY)))
    monkeypatch.setattr("spinelib.report.publish.edition.Edition.add", _forgiving)
    said = publish(studies["m"], tmp_path / "s")
    assert "files of more than 1 MiB (1): summary.csv" in said
    assert not (tmp_path / "s" / "summary.csv").exists()
    assert 'href="summary.csv"' not in (tmp_path / "s" / "index.html").read_text()


def _forgiving(edition, path, text):
    from spinelib.report.publish.edition import FILE_LIMIT, OVER

    if path == "summary.csv" and len(text) >= FILE_LIMIT:
        edition.tell(OVER, path)
    else:
        edition.files[path] = text.encode()


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


@pytest.mark.parametrize(
    ("options", "made"),
    [
        (["dataset phantom, patients 2", "slices 3, dataset phantom_mr"], True),
        (["dataset phantom", "dataset aasce, source x"], False),
        (["dataset folder, source reports"], False),
        (["dataset unheard_of"], False),
        (["dataset phantom, dataset phantom"], False),
        ([""], False),
        ([], False),
    ],
)
def test_data_are_made_here_only_if_every_one_is_known_to_be(options, made):
    assert all_made({"data": {str(k): text for k, text in enumerate(options)}}) is made


@pytest.mark.parametrize(
    ("changes", "own"),
    [
        ({}, True),
        ({"comparisons": [["unet/full", "r2mfnet/full"]], "pretrained": "../other/model.safetensors"}, True),
        ({"results": "../reports/s", "data": "../reports/s/data", "tested_on": ["phantom"]}, True),
        ({"results": "../reports/s2"}, False),
        ({"beside": ["../reports/s", "../reports/aasce"]}, False),
        ({"source": "films"}, False),
        ({"sources": ["phantom", "aasce"]}, False),
        ({"trained_on": "aasce"}, False),
        ({"out": "elsewhere"}, False),
    ],
)
def test_a_page_shows_own_images_only_if_it_saw_nothing_else(changes, own):
    record = {"parameters": {"out": "../reports/s/questions/q", **changes}}
    assert own_images(record, {"data": MADE}) is own
    assert own_images(record, {"data": FOREIGN}) is False
    assert own_images(record | {"facts": {"manifests": {"aasce": "1"}}}, {"data": MADE}) is False
    assert own_images({}, {"data": MADE}) is False


def mosaic(ax):
    ax.scatter(*np.mgrid[:40, :40].reshape(2, -1), c=np.arange(1600))


@pytest.mark.parametrize(
    ("draw", "pixels"),
    [
        (lambda ax: (ax.bar([0], [1]), ax.errorbar([0], [1], [0.1]), ax.scatter([0, 1], [1, 2], c=[1, 2])), False),
        (lambda ax: (ax.fill_between([0, 1], [1, 2]), ax.violinplot([1, 2, 3]), ax.hlines(1, 0, 1)), False),
        (lambda ax: (ax.annotate("x", (0, 0), (1, 1), arrowprops={}), ax.legend(["a"]), ax.twinx()), False),
        (lambda ax: ax.imshow(np.eye(3)), True),
        (lambda ax: ax.inset_axes([0, 0, 1, 1]).imshow(np.eye(3)), True),
        (lambda ax: ax.pcolormesh(np.eye(3)), True),
        (lambda ax: ax.pcolor(np.eye(3)), True),
        (lambda ax: ax.contourf(np.eye(3)), True),
        (lambda ax: ax.figure.figimage(np.eye(3)), True),
        (lambda ax: ax.add_artist(AnnotationBbox(OffsetImage(np.eye(3)), (0, 0))), True),
        (mosaic, True),
    ],
)
def test_a_figure_is_a_plot_only_if_nothing_in_it_may_be_an_image(draw, pixels):
    figure = Figure(figsize=(2, 2))
    draw(figure.subplots())
    assert holds_pixels(figure) is pixels


def test_a_saved_figure_remembers_what_it_holds_and_looks_the_same(tmp_path):
    kinds = {"plot": (False, None), "image": (True, None), "map": (True, False), "sure": (False, True)}
    saved = {name: save_figure(drawn(image), tmp_path, name, "A.", word) for name, (image, word) in kinds.items()}
    assert {name for name, png in saved.items() if is_plot(png)} == {"plot", "map"}
    assert Image.open(io.BytesIO(saved["image"])).info[CONTENTS] == "pixels"
    assert pixels_of(saved["image"]) == pixels_of(saved["map"])
    assert not is_plot(b"no picture")


def test_links_that_lead_nowhere_become_words():
    html = '<a class="x" href="../b.html#part">b</a> <a href="c.html">c</a> <a href="#d">d</a> <a href="mailto:e">e</a>'
    assert unlink(html, "a", {"b.html"}) == html.replace(
        '<a href="c.html">c</a>', 'c <span class="soft small">(not published)</span>'
    )


def test_tables_are_told_apart_by_their_columns():
    assert per_case("name,case\n")
    assert not per_case("method,mean\n")
    assert not per_case("")
    assert compact("a,b\n0.1234567,-12.123456789e-7\n1234567,0.5\n") == "a,b\n0.123457,-1.21235e-06\n1234567,0.5\n"
