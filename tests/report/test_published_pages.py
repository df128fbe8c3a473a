"""Every index that is published, and the pages of one study, in a real browser as wide as on a desk and on a phone."""

from pathlib import Path

import pytest

from tests.report.chromium import browser

pytestmark = pytest.mark.browser

PUBLISHED = Path(__file__).parents[2] / "reports" / "published"
INDEXES = sorted(PUBLISHED.glob("*/index.html"))
PAGES = sorted((PUBLISHED / "quick").glob("questions/*/report.html"))
DESK, PHONE = 1200, 390

# Lines of text, as they are painted, that lie on one another by more than a third of the smaller one's area.
OVERLAPS = """(() => {
  const lines = [];
  for (const element of document.querySelectorAll(
      'h1,h2,h3,h4,p,li,td,th,dt,dd,summary,figcaption,a,small,span,strong')) {
    const box = element.closest('.scroll, .table, [class*=scroll], pre');
    for (const node of element.childNodes) {
      if (node.nodeType !== 3 || !node.textContent.trim() || !element.checkVisibility()) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const r of range.getClientRects())
        if (r.width > 2 && r.height > 2 && !(box && getComputedStyle(box).overflowX !== 'visible'))
          lines.push({r, node, text: node.textContent.trim().slice(0, 40)});
    }
  }
  lines.sort((a, b) => a.r.top - b.r.top);
  const found = [];
  for (let i = 0; i < lines.length; i++)
    for (let k = i + 1; k < lines.length && lines[k].r.top < lines[i].r.bottom; k++) {
      const a = lines[i].r, b = lines[k].r;
      const w = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const h = Math.min(a.bottom, b.bottom) - b.top;
      const smaller = Math.min(a.width * a.height, b.width * b.height);
      if (lines[i].node !== lines[k].node && w > 2 && h > 2 && 3 * w * h > smaller)
        found.push(lines[i].text + ' | ' + lines[k].text);
    }
  return found.slice(0, 5);
})()"""
# Text that leaves the screen sideways and that nothing scrolls to.
BESIDE = """[...document.querySelectorAll('h1,h2,h3,p,li,figcaption,summary')].filter(e => e.checkVisibility() &&
  e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll, [class*=scroll], pre')).length"""
SCROLLED = """[...document.querySelectorAll('table.board')].filter(t => t.checkVisibility() &&
  t.parentElement.scrollWidth > t.parentElement.clientWidth + 1).length"""


@pytest.fixture(scope="module")
def tab(chromium):
    with browser(chromium) as page:
        yield page


@pytest.mark.parametrize("width", [DESK, PHONE])
@pytest.mark.parametrize("path", [*INDEXES, *PAGES], ids=lambda path: str(path.parent.relative_to(PUBLISHED)))
def test_a_page_fits_its_screen_and_no_words_lie_on_others(tab, path, width):
    tab.open(path, width, dark=width == PHONE)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.evaluate(BESIDE) == 0
    assert tab.evaluate(OVERLAPS) == []
    assert tab.evaluate("[...document.images].filter(i => i.complete && !i.naturalWidth).length") == 0
    assert tab.complaints == []


@pytest.mark.parametrize("path", INDEXES, ids=lambda path: path.parent.name)
def test_at_a_desk_no_board_scrolls_and_the_first_answer_stands_on_the_first_screen(tab, path):
    tab.open(path, DESK)
    assert tab.evaluate(SCROLLED) == 0
    assert tab.evaluate("document.querySelector('.answer, #answers, h2').getBoundingClientRect().top") < 800


def test_words_on_words_and_beside_the_screen_would_be_seen(tab, tmp_path):
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<p>one line of text</p><p style='margin-top: -30px'>another line</p><h2 style='width: 2000px'>x</h2>"
    )
    tab.open(bad, DESK)
    assert tab.evaluate(OVERLAPS) == ["one line of text | another line"]
    assert tab.evaluate(BESIDE) == 1
