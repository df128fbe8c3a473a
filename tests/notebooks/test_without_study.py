"""On a fresh clone every notebook that asks something of a study reads what is published of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from spinelib.core.layout import CAPTIONS, PUBLISHED_STUDIES, RunFolder
from spinelib.runs.parameters import read_parameters
from spinelib.runs.published import NO_CASES
from tests.notebooks.test_sources import NOTEBOOKS

ROOT = Path(__file__).parents[2]
ASKING = [path for path in NOTEBOOKS if "results" in read_parameters(path) and not path.stem.startswith("80")]
# A figure of each that published tables hold; the published networks of none, so that one stays without.
FIGURES = {
    "30_robustness": {"losses_phantom", "curves_phantom", "order_phantom"},
    "31_complexity": {"frontier_phantom_common_GMACs", "courses_phantom_common", "losses_phantom_common"},
    "32_learning": {"views_phantom", "categories_phantom_mr_common"},
    "35_ablation": {"parts_phantom_r2mfnet_common_0p25_spine_dice"},
    "40_cobb": {"board_phantom", "errors_phantom"},
    "50_generalisation": {"ranks"},
    "60_significance": {"forest_phantom"},
    "62_confidence": set(),
    "70_claims": {"tally"},
    "90_compare": {"board_phantom_common_dice", "structures_phantom_mr_common", "views_phantom"},
}


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A folder with the published studies and no other, in which all of them have run; and what each said."""
    folder = tmp_path_factory.mktemp("clone")
    (folder / "notebooks").mkdir()
    (folder / "reports").mkdir()
    (folder / "reports" / PUBLISHED_STUDIES).symlink_to(ROOT / "reports" / PUBLISHED_STUDIES)
    words = [sys.executable, "-m", "tests.notebooks.cells", str(folder / "said.json"), *map(str, ASKING)]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(words, cwd=folder / "notebooks", env=env, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr[-3000:]
    said = json.loads((folder / "said.json").read_text(encoding="utf-8"))
    return folder / "reports" / "by_hand", {Path(name).stem: text for name, text in said.items()}


def test_these_are_all_that_ask():
    assert {path.stem for path in ASKING} == set(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_it_ends_says_so_and_draws_what_the_published_tables_hold(clone, name):
    folder, said = clone
    run = RunFolder(folder / name.partition("_")[2])
    assert run.record.exists()
    captions = json.loads((run.figures / CAPTIONS).read_text(encoding="utf-8")) if FIGURES[name] else {}
    assert FIGURES[name] <= set(captions)
    assert said[name].startswith("No run of the study quick has finished here")


@pytest.mark.parametrize("name", sorted(set(FIGURES) - {"31_complexity", "62_confidence", "70_claims"}))
def test_what_needs_every_case_says_that_it_is_not_published(clone, name):
    assert NO_CASES in clone[1][name]
