"""Every data set has a card, and the index links it."""

from pathlib import Path

from spinelib.sources import DATASETS

FOLDER = Path(__file__).parents[2] / "data"


def test_every_data_set_has_a_card_that_the_index_links():
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    for name in DATASETS:
        card = FOLDER / "cards" / f"{name}.md"
        assert card.read_text(encoding="utf-8").startswith(f"# {name}\n")
        assert f"[{name}](cards/{name}.md)" in index


def test_every_card_is_of_a_data_set():
    shared = {"mr-volumes"}
    assert {path.stem for path in (FOLDER / "cards").glob("*.md")} == set(DATASETS) | shared
