"""Notebook 80 in JupyterLab in a real browser: a film is dropped, a corner dragged, the answer that of the rule."""

import json
import time
from pathlib import Path

import nbformat
import numpy as np
import pytest

from spinelib.cases.readers.labelme import read_shapes
from spinelib.measures.cobb.reading import from_corners
from tests.report.chromium import browser
from tests.report.conftest import chromium  # noqa: F401

from .lab import ROOT, Lab, jupyter
from .made import SIZE, save_film

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CORNER = '.spine-desk .hold[data-vertebra="0"][data-corner="1"]'
# Where the corners stand on the page, in px of the film.
CORNERS = """[...document.querySelectorAll('.spine-desk .hold')].map((node) =>
  [Number(node.getAttribute('cx')), Number(node.getAttribute('cy'))])"""
LARGEST = "document.querySelector('.spine-desk .largest').textContent"


def notebook(folder, weights):
    """A copy of notebook 80 whose parameters name the network and films of its own; only its first cells are run."""
    content = nbformat.read(ROOT / "notebooks" / "80_apply.ipynb", 4)
    lines = content.cells[1].source.splitlines()
    given = {"out": "out", "trained": str(weights), "device": "cpu"}
    content.cells[1].source = "\n".join(
        f"{line.partition(':')[0]}: str = {given[line.partition(':')[0]]!r}"
        if line.partition(":")[0] in given
        else line
        for line in lines
    )
    content.cells = content.cells[:3]
    content.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(content, folder / "80_apply.ipynb")


def corners(lab):
    return np.array(lab.tab.evaluate(CORNERS)).reshape(-1, 4, 2)


def largest(points):
    return f"{from_corners(points, (0.0, SIZE[0])).angles[0]:.1f}\N{DEGREE SIGN}"


def drag(lab, selector, across, down):
    x, y = lab.middle(selector)
    lab.mouse("mouseMoved", x, y, 0)
    lab.mouse("mousePressed", x, y)
    for share in (0.25, 0.5, 0.75, 1):
        lab.mouse("mouseMoved", x + across * share, y + down * share)
    lab.mouse("mouseReleased", x + across, y + down, 0)


def until_answered(lab):
    """Until the page shows the angle of the corners that stand on it, by the rule."""
    for _ in range(600):
        if lab.tab.evaluate(LARGEST) == largest(corners(lab)):
            return
        time.sleep(0.1)
    raise AssertionError(f"{lab.tab.evaluate(LARGEST)} for corners of {largest(corners(lab))}")


def until_page(lab, condition, words):
    return lab.until(condition.replace("LARGEST", LARGEST), words)


def test_a_dropped_film_is_corrected_and_saved(chromium, network_folder, tmp_path):  # noqa: F811
    folder = tmp_path / "work"
    folder.mkdir()
    notebook(folder, network_folder)
    film, bad = save_film(tmp_path / "drawn film.png", bend=30.0, seed=9), tmp_path / "bad.png"
    bad.write_text("no film")
    with jupyter(folder, tmp_path / "home") as address, browser(chromium) as tab:
        lab = Lab(tab, address, "80_apply.ipynb")
        lab.run_all()
        until_page(lab, "document.querySelector('.spine-drop input')", "the area to drop films in")
        lab.hand_over(".spine-drop input", film, bad)
        until_page(lab, "document.querySelectorAll('.spine-desk .hold').length === 68", "the film with its corners")
        until_page(
            lab, "document.querySelector('[role=alert]')?.innerText.startsWith('bad.png: ')", "the bad file's line"
        )
        read, said = corners(lab), lab.tab.evaluate(LARGEST)
        assert said == largest(read)

        drag(lab, CORNER, 4, -40)
        until_answered(lab)
        moved = corners(lab)
        assert abs(moved - read).max(axis=(1, 2)).argmax() == 0
        assert np.count_nonzero(abs(moved - read).max(axis=2) > 0.01) == 1
        assert moved[0, 1, 1] < read[0, 1, 1] - 20
        assert lab.tab.evaluate(LARGEST) != said

        lab.press("ArrowDown")
        until_page(lab, f"Math.abs({CORNERS}[1][1] - {moved[0, 1, 1] + 1}) < 0.02", "the arrow key moves the corner")
        until_answered(lab)
        lab.click(".spine-desk button.undo")
        until_page(lab, f"Math.abs({CORNERS}[1][1] - {moved[0, 1, 1]}) < 0.02", "undo takes the key back")

        lab.click(".spine-desk button.save")
        until_page(lab, "document.querySelector('.spine-desk .message').textContent.includes('Saved')", "it is saved")
        kept = folder / "out" / "labels" / "drawn film.json"
        assert abs(read_shapes(kept, SIZE).corners - moved).max() < 0.02
        assert Path(kept.with_suffix(".png")).read_bytes() == film.read_bytes()

        outline = lab.tab.evaluate("document.querySelector('.spine-desk .outline').getAttribute('d')")
        drag(lab, ".spine-desk input[type=range]", 60, 0)
        until_page(
            lab,
            f"document.querySelector('.spine-desk .outline').getAttribute('d') !== {json.dumps(outline)}",
            "the slider moves the outline",
        )
        until_answered(lab)
        lab.click(".spine-desk button.undo")
        until_page(lab, f"Math.abs({CORNERS}[1][1] - {moved[0, 1, 1]}) < 0.02", "undo brings the corners back")
        assert all(url.startswith((address, address.replace("http", "ws"), "data:", "blob:")) for url in tab.requests)
