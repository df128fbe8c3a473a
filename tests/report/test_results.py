"""The pages of results hold what the published tables hold."""

import math
import shutil
from pathlib import Path

import pandas as pd
import pytest

from spinelib.core.errors import BadInput
from spinelib.report.results import __main__ as command
from spinelib.report.results import boards, claims, pages, write_pages
from spinelib.report.results.differences import lies
from spinelib.report.results.published import PublishedStudy, value
from spinelib.report.results.words import fixed, interval, listed_in_words, markdown_table, side, standing

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "results"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Every page, written anew from what is published."""
    folder = tmp_path_factory.mktemp("results")
    return {path.name: path.read_text(encoding="utf-8") for path in write_pages(ROOT, folder)}


def test_the_committed_pages_are_those_that_the_published_tables_give(written):
    committed = {path.name: path.read_text(encoding="utf-8") for path in PAGES.glob("*.md")}
    assert sorted(committed) == sorted(written)
    stale = [name for name in written if committed[name] != written[name]]
    assert not stale, "write them anew: make results"


def test_every_published_study_has_a_page_that_the_index_links(written):
    for path in (ROOT / pages.PUBLISHED).glob("*/runs.json"):
        assert f"{path.parent.name}.md" in written
        assert f"]({path.parent.name}.md)" in written["README.md"]


@pytest.fixture
def study(tmp_path):
    """A published study of three entries in a copy of the repository's folders."""
    folder = tmp_path / pages.PUBLISHED / "toy"
    shutil.copytree(ROOT / pages.PUBLISHED / "lateral", folder)
    shutil.copytree(ROOT / pages.PUBLISHED / "calibration", tmp_path / pages.PUBLISHED / "calibration")
    shutil.copytree(ROOT / "benchmarks", tmp_path / "benchmarks", ignore=shutil.ignore_patterns("__pycache__"))
    return PublishedStudy(folder)


def changed(study, place, **cells):
    rows = pd.read_csv(study.folder / place)
    rows.loc[0, list(cells)] = list(cells.values())
    rows.to_csv(study.folder / place, index=False)


def test_a_study_without_words_of_its_own_gets_a_page(study, tmp_path):
    root = study.folder.parents[2]
    names = {path.name for path in write_pages(root, tmp_path / "out", ["toy"])}
    assert names == {"toy.md", "calibration.md", "speed.md", "README.md"}
    assert study.facts["title"] in (tmp_path / "out" / "toy.md").read_text()


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.01, 0.03, "lies 0.020 [0.010, 0.030] above"),
        (-0.03, -0.01, "lies 0.020 [0.010, 0.030] below"),
        (-0.01, 0.05, "cannot be told from"),
    ],
)
def test_the_direction_of_a_sentence_follows_the_interval(study, low, high, words):
    place = "questions/60_significance/tests_phantom_lateral.csv"
    changed(study, place, mean=(low + high) / 2, low=low, high=high)
    one, other = "spinefm/full", "spinefm/no_predictor_pretrained"
    assert words in lies(study, "phantom_lateral", one, other)
    turned = {"above": "below", "below": "above"}
    back = lies(study, "phantom_lateral", other, one)
    assert words.rpartition(" ")[0] in back
    assert turned.get(words.split()[-1], "cannot be told from") in back


def test_a_changed_table_changes_the_board(study):
    before = boards.published_board(study, "phantom_lateral", "vertebrae", boards.VERTEBRAE)
    assert "0.908 [0.823, 0.955]" in before
    changed(study, "summary.csv", mean=0.111111, low=0.1, high=0.122222)
    after = boards.published_board(PublishedStudy(study.folder), "phantom_lateral", "vertebrae", boards.VERTEBRAE)
    assert "0.111 [0.100, 0.122]" in after
    assert after.splitlines()[-1].startswith("| SpineFM |")


def test_what_is_missing_is_named_with_the_remedy(study, tmp_path):
    for call in (
        lambda: value(study, "phantom_lateral", "unet/full", "dice", "spine"),
        lambda: lies(study, "phantom_lateral", "unet/full", "spinefm/full"),
        lambda: claims.claims_by_paper(study),
        lambda: pages.figure(study, "90_compare", "none.png", ""),
        lambda: study.fact("none", "facts"),
        lambda: write_pages(tmp_path, tmp_path / "out", ["none"]),
    ):
        with pytest.raises(BadInput, match="make publish"):
            call()


def test_the_command_says_in_one_line_what_is_missing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert command.main(["none"]) == 2
    assert "is not published" in capsys.readouterr().err


def test_numbers_and_tables():
    assert fixed(-0.0001) == "0.000"
    assert fixed(math.nan) == ""
    assert interval(0.5, math.nan, math.nan) == "0.500"
    assert [side(1, 2), side(-2, -1), side(-1, 1), side(math.nan, math.nan), side(1, 2, 3)] == [
        "above",
        "below",
        "",
        "",
        "below",
    ]
    assert standing("A", "B", {"mean": 0.0, "low": -0.1, "high": 0.1}, 1) == "A cannot be told from B (0.0 [-0.1, 0.1])"
    assert markdown_table(("a", "b", "c"), [["1", "", "x|y"]]) == "| a | c |\n| --- | --- |\n| 1 | x\\|y |"
    assert [listed_in_words([]), listed_in_words(["a"]), listed_in_words(["a", "b", "c"])] == [
        "none",
        "a",
        "a, b and c",
    ]
