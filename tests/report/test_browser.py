"""The pages in a real browser: silent, offline, readable on a phone and in the dark."""

import pytest

from spinelib.report.index import write_index
from spinelib.report.page import write_page
from tests.report import sample
from tests.report.chromium import browser

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
