"""A published study as its tables hold it."""

import json

import pytest

from spinelib.core.errors import BadInput
from spinelib.report.results.published import Mean, clean_rows, entry_label, value
from tests.report.results.made import write

USUAL = {"dataset": "d", "method": "unet", "variant": "full", "recipe": "common", "split": "test", "view": "all"}
USUAL |= {"condition": "none", "near_duplicate": "all", "structure": "spine", "metric": "dice", "unit": "1"}
USUAL |= {"mean": 0.8, "low": 0.7, "high": 0.9, "sd": 0.1, "n": 9, "missing": 1, "cases": 27}
ROWS = [
    USUAL,
    USUAL | {"view": "coronal", "mean": 0.1},
    USUAL | {"condition": "blur", "mean": 0.2},
    USUAL | {"near_duplicate": "excluded", "mean": 0.3},
    USUAL | {"metric": "dice_pooled", "mean": 0.4},
    USUAL | {"method": "safnet", "mean": 0.5},
]


def test_one_mean_of_clean_test_images_all_views_together(tmp_path):
    study = write(tmp_path, summary=ROWS)
    assert value(study, "d", "unet/full", "dice", "spine") == Mean(0.8, 0.7, 0.9, 0.1, 9, 1, 27)
    assert value(study, "d", "unet/full", "dice", "spine", near_duplicate="excluded").mean == 0.3
    assert set(clean_rows(study, "d", "spine")["entry"]) == {"unet/full", "safnet/full"}
    alone = write(tmp_path / "alone", summary=[ROWS[1]])
    assert value(alone, "d", "unet/full", "dice", "spine").mean == 0.1


def test_no_row_or_several_are_refused(tmp_path):
    study = write(tmp_path, summary=[*ROWS, USUAL | {"unit": "%"}])
    for metric, count in (("dice", 2), ("hd95", 0)):
        with pytest.raises(BadInput, match=f"{count} rows for unet/full, {metric} of spine on d.*make publish"):
            value(study, "d", "unet/full", metric, "spine")
    assert value(study, "d", "unet/full", "dice", "spine", unit="1").mean == 0.8


def test_the_comparisons_own_table_goes_before_the_studys(tmp_path):
    own = [USUAL | {"variant": "full_from_phantom"}]
    study = write(tmp_path, summary=ROWS, questions__90_compare__summary=own)
    assert study.summary["entry"].tolist() == ["unet/full_from_phantom"]


def test_records_facts_and_seconds(tmp_path):
    study = write(tmp_path, runs=[{"run": "a"}, {"run": "b"}])
    records = {"runs/a": {"facts": {"training": {"seconds": 50}}}, "runs/b": {"facts": {"training": {"seconds": 15}}}}
    records["questions/q"] = {"answer": ["It depends."]}
    (tmp_path / "runs.json").write_text(json.dumps(records))
    (tmp_path / "study.json").write_text('{"title": "T"}')
    assert (study.name, study.facts["title"], study.has("runs.csv")) == (tmp_path.name, "T", True)
    assert study.answer("q") == ["It depends."]
    assert study.answer("none") == []
    assert study.fact("a", "facts", "training", "seconds") == 50
    assert (study.seconds("b"), study.seconds()) == ("15 s", "1 min 05 s")
    assert dict(study.origin())["budget"] == "2 trainings, 1 min 05 s of training in all"
    with pytest.raises(BadInput, match=r"a has no facts\.steps.*make publish"):
        study.fact("a", "facts", "steps")
    with pytest.raises(BadInput, match=r"none\.csv: is not published"):
        study.table("none.csv")


def test_a_released_network_has_not_learned_from_the_first_data_of_a_study(tmp_path):
    own = [USUAL | {"method": "released", "variant": name} for name in ("film", "film_from_film_test")]
    study = write(tmp_path, summary=ROWS, questions__90_compare__summary=own)
    assert study.summary["entry"].tolist() == ["released/film", "released/film"]
    line = "aasce, spine: Released network, film from film test has the best mean Dice."
    (tmp_path / "runs.json").write_text(json.dumps({"questions/q": {"answer": [line]}}))
    assert study.answer("q") == ["aasce, spine: Released network, film has the best mean Dice."]


def test_an_entry_is_called_as_in_tables():
    assert entry_label("unet/full") == "U-Net"
