"""The pages of results hold what the published tables hold."""

import pytest

from spinelib.core.errors import BadInput
from spinelib.report.results import __main__ as command
from spinelib.report.results import claims, pages, write_pages
from spinelib.report.results.differences import lies
from spinelib.report.results.published import value
from tests.report.results.made import ROOT

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


def test_a_study_without_words_of_its_own_gets_a_page(study, tmp_path):
    root = study.folder.parents[2]
    names = {path.name for path in write_pages(root, tmp_path / "out", ["toy"])}
    assert names == {"toy.md", "calibration.md", "speed.md", "README.md"}
    assert study.facts["title"] in (tmp_path / "out" / "toy.md").read_text()


def test_a_page_shows_losses_confusions_activation_maps_and_quality_where_they_are_published(study, tmp_path):
    root, out = study.folder.parents[2], tmp_path / "out"
    for name in study.folder.glob("*/*/figures/*"):
        name.unlink()
    write_pages(root, out, ["toy"])
    assert "activation maps" not in (out / "toy.md").read_text()
    places = [
        "questions/31_complexity/figures/losses_neck_lateral_common.png",
        "questions/31_complexity/figures/losses_neck_lateral_published.png",
        "questions/90_compare/figures/confusion_neck.webp",
        "runs/neck-seg4regplus-full-s0-f0/figures/activation.webp",
        "questions/30_robustness/figures/quality_neck.png",
    ]
    others = [
        "runs/neck-seg4regplus-full-s1-f0/figures/activation.webp",
        "questions/30_robustness/figures/losses_neck.png",
    ]
    for place in (*places, *others):
        (study.folder / place).parent.mkdir(parents=True, exist_ok=True)
        (study.folder / place).touch()
    write_pages(root, out, ["toy"])
    text = (out / "toy.md").read_text()
    at = [text.index(f"](../../reports/published/toy/{place})") for place in places]
    assert at == sorted(at)
    assert not any(place in text for place in others)
    assert "![Losses of all trainings on one axis, neck lateral]" in text
    assert "![Losses of all trainings on one axis, neck lateral published]" in text


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
