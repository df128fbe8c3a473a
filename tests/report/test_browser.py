"""The pages in a real browser: silent, offline, readable on a phone and in the dark; nothing hostile runs."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from spinelib.apply.picture import write_results_page
from spinelib.report.index import write_index
from spinelib.report.page import write_page
from tests.report import sample
from tests.report.chromium import browser
from tests.report.hostile import AWAY, STRINGS

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def tab(chromium):
    with browser(chromium) as page:
        yield page


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = sample.write_study(tmp_path_factory.mktemp("root"))
    runs = [folder / "runs" / name for name in ("p-unet-full-s0-f0", "p-plunet-full-s0-f0")]
    return [*map(write_page, runs), write_index(folder)]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_pages_fit_the_screen_and_keep_quiet(tab, pages, width, dark):
    for path in pages:
        tab.open(path, width, dark)
        tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, path
        assert tab.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)"), path
        assert tab.evaluate("document.styleSheets[0].cssRules.length") > 50
    assert tab.complaints == []
    assert all(url.startswith(("file:", "data:")) for url in tab.requests)


def test_dark_mode_is_dark_and_figures_stay_on_white(tab, pages):
    shades = {}
    for dark in (False, True):
        tab.open(pages[0], 1280, dark)
        shades[dark] = tab.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (
            tab.evaluate("getComputedStyle(document.querySelector('figure img')).backgroundColor")
            == "rgb(255, 255, 255)"
        )
    light, dark = (sum(map(int, shade[4:-1].split(","))) for shade in (shades[False], shades[True]))
    assert light > 700
    assert dark < 120


def test_a_complaint_and_an_outside_request_would_be_seen(tab, tmp_path):
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<body style='width: 2000px'><img src='http://127.0.0.1:9/x.png'><script>console.error('no')</script>"
    )
    before = len(tab.complaints)
    tab.open(bad, 390)
    assert tab.evaluate("document.documentElement.scrollWidth") > 390
    assert any("127.0.0.1:9" in url for url in tab.requests)
    assert len(tab.complaints) > before
    tab.complaints.clear()
    tab.requests.clear()


def first_column(tab):
    return tab.evaluate("[...document.querySelector('table.board').tBodies[0].rows].map(r => r.cells[0].dataset.value)")


def test_boards_sort_by_a_click_and_keep_what_is_not_known_last(tab, pages):
    tab.open(pages[-1])
    assert first_column(tab) == ["FCN-8s", "U-Net", "PSPNet"]
    click = "document.querySelectorAll('table.board th button')[{}].click()"
    for button, expected in ((2, ["FCN-8s", "U-Net", "PSPNet"]), (2, ["U-Net", "FCN-8s", "PSPNet"]), (0, None)):
        tab.evaluate(click.format(button))
        assert first_column(tab) == (expected or ["U-Net", "PSPNet", "FCN-8s"])
    assert tab.evaluate("document.querySelectorAll('th[aria-sort]').length") == 1


def test_boards_show_what_is_looked_for(tab, pages):
    tab.open(pages[-1])
    seek = "const i = document.querySelector('.choose input'); i.value = {}; i.dispatchEvent(new Event('input'))"
    shown = "[...document.querySelectorAll('tr[data-row]')].filter(r => r.checkVisibility()).length"
    every = tab.evaluate(shown)
    tab.evaluate("{" + seek.format("'psp'") + "}")
    assert tab.evaluate(shown) == 1
    assert tab.evaluate("document.querySelector('.choose output').textContent") == "1 of 4"
    tab.evaluate("{" + seek.format("''") + "}")
    assert tab.evaluate(shown) == every > 1


def test_without_the_script_every_row_is_there(tab, pages):
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        tab.open(pages[-1])
    finally:
        tab.call("Emulation.setScriptExecutionDisabled", value=False)
    assert tab.evaluate("document.querySelectorAll('tr[data-row]').length") == 4
    assert tab.evaluate("document.querySelectorAll('button, input').length") == 0


def hostile_cells(text, formulas):
    """One text in every place of a notebook that reaches a page; to set `formulas` takes long."""
    outputs = [
        new_output("display_data", {kind: text})
        for kind in ("text/html", "text/markdown", "text/plain", "image/svg+xml", "image/png", "a/json")
    ]
    outputs += [new_output("display_data", {"text/latex": text})] if formulas else []
    outputs += [new_output("stream", name=name, text=f"\x1b[31m{text}\x1b[0m") for name in ("stdout", "stderr")]
    outputs += [new_output("error", ename=text, evalue=text, traceback=[text])]
    facts = {"image/png": {"alt": text, "width": text}}
    outputs += [new_output("display_data", {"image/png": sample.png(9, 9)}, metadata=facts)]
    given = f"# parameters\nnote = {text!r}  # {text!r}\n"
    attached = new_markdown_cell(f"![{text}](attachment:{text})")
    attached["attachments"] = {text: {"image/png": text, text: text}}
    return [
        new_markdown_cell(f"# {text}\n\n{text}\n\n## {text}\n\n| {text} |\n|---|\n| {text} |\n\n`{text}`"),
        new_code_cell(given, metadata={"tags": ["parameters"]}),
        attached,
        new_markdown_cell(f"```{text}\n{text}\n```\n\n- [ ] {text}\n\n[^1]: {text}\n\nx[^1]"),
        new_code_cell(text, execution_count=1, outputs=outputs),
    ]


def hostile_study(root, text):
    """A study that says `text` wherever something is said, its pages and that of outlined films."""
    folder = sample.write_study(root)
    facts = json.loads((folder / "study.json").read_text())
    words = {"title": text, "question": text, "banner": text, "data": {text[:9].replace("/", ""): text, "films": text}}
    (folder / "study.json").write_text(json.dumps(facts | words))
    (folder / "data" / "films" / "console.txt").write_text(text)
    (folder / "summary.csv").write_text(
        sample.SUMMARY.replace("unet", '"' + text.replace('"', '""').replace("\n", " ") + '"')
    )
    whole = hostile_cells(text, False)
    single = [cell for number, one in enumerate(STRINGS) for cell in hostile_cells(one, number < 4)]
    shown = {"runs/p-unet-full-s0-f0": whole, "questions/90_compare": single, "runs/p-plunet-full-s0-f0": whole}
    for name, made in shown.items():
        nbformat.write(new_notebook(cells=made), folder / name / "notebook.ipynb")
        said = {"answer": [text], "commit": text, "error": text, "parameters": {"note": text, text: [text]}}
        said |= {"facts": {text: text}, "hardware": {"cpu": text, "cores": text}, "versions": {text: text}}
        path = folder / name / ("failure.json" if "plunet" in name else "run.json")
        path.write_text(json.dumps(json.loads(path.read_text()) | said))
    figures = folder / "questions" / "90_compare" / "figures"
    (figures / "captions.json").write_text(json.dumps({"dice": text}))
    pages = [write_page(folder / name) for name in ("runs/p-unet-full-s0-f0", "questions/90_compare")]
    pages += [write_page(folder / "runs/p-plunet-full-s0-f0"), write_index(folder), folder / "overlays.html"]
    rows = [{"file": text, "slices": "", "status": "failed", "reason": text, "remedy": text, "words": ""}]
    rows += [{"file": text, "slices": "9", "status": "ok", "reason": "", "remedy": "", "words": text}]
    write_results_page(pages[-1], text, [text], [row | {"thumbnail": "none"} for row in rows], folder)
    return pages


def test_nothing_hostile_runs_or_leaves(tab, tmp_path):
    asked, said = len(tab.requests), len(tab.complaints)
    for page in hostile_study(tmp_path, "\n".join(STRINGS)):
        tab.open(page)
        tab.evaluate("document.querySelectorAll('a.click, [onclick], input').forEach(e => e.click())")
        for event in ("mouseover", "toggle", "focus", "error", "load"):
            tab.evaluate(f"document.querySelectorAll('*').forEach(e => e.dispatchEvent(new Event('{event}')))")
        assert tab.evaluate("window.hit") is None, page
        assert tab.evaluate("location.protocol") == "file:", page
        assert tab.evaluate("document.scripts.length") == (page.name == "index.html"), page
        assert tab.evaluate("document.forms.length") == 0, page
        assert tab.evaluate("document.querySelectorAll('meta').length") == 5, page
        assert not [url for url in tab.requests[asked:] if not url.startswith(("file:", "data:"))]
    del tab.complaints[said:]


def test_the_policy_of_a_page_stops_what_should_get_through(tab, pages):
    for number, page in enumerate(pages):
        bad = page.with_name(f"bad_{number}.html")
        evil = f"<script>window.hit=1</script><img src='{AWAY}/x.png' onerror='window.hit=2'><base href='{AWAY}'>"
        beside = "<img id='beside' src='beside.png'>"
        sample.save_png(page.with_name("beside.png"))
        bad.write_text(page.read_text(encoding="utf-8").replace("<body>", f"<body>{evil}{beside}"), encoding="utf-8")
        tab.open(bad)
        assert tab.evaluate("window.hit === undefined")
        assert tab.evaluate("document.baseURI").startswith("file:")
        assert tab.evaluate("document.getElementById('beside').naturalWidth > 0"), "figures beside a page are shown"
        assert any("Content Security Policy" in words for words in tab.complaints)
        tab.complaints.clear()
    tab.requests.clear()
