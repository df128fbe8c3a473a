import json
from types import SimpleNamespace

import pandas as pd
import pytest

from spinelib.core.errors import BadInput
from spinelib.core.layout import GATE, GATE_KINDS, GATE_RISKS
from spinelib.protocol.release import release_network
from spinelib.report.release.card import CURVE_TABLE, SCORE_TABLE, TRIED, seen_how_often, write_card_page
from spinelib.report.release.tables import CURVE, SCORES, VALUES

from ...protocol.test_released import LEARNED, trained


@pytest.fixture
def film(tmp_path):
    folder = tmp_path / "film"
    release_network(trained(tmp_path / "study"), folder)
    return folder


def row(dataset, structure, metric, mean, unit="1", split="test", view="all", **more):
    values = {"mean": mean, "low": mean - 0.01, "high": mean + 0.01, "n": 64, "missing": 0}
    about = {"study": "released", "dataset": dataset, "split": split, "view": view, "near_duplicate": "all"}
    return {**about, "structure": structure, "metric": metric, "unit": unit, **values, **more}


def test_a_card_says_on_how_many_real_pictures_its_confidence_was_calibrated(film):
    (film / TRIED).mkdir()
    one = {"part": "real", "kind": "skin", "severity": 0, "n": 50, "ok": 0.0, "doubtful": 0.02, "refused": 0.98}
    pd.DataFrame([one]).to_csv(film / TRIED / GATE_KINDS, index=False)
    assert "stretched" not in write_card_page(film).read_text(encoding="utf-8")
    (film / GATE).write_text(json.dumps({"made": {"calibrated": {"real": 99, "slope": 0.6, "shift": 0.3}}}))
    assert "to fit 99 real pictures as well as" in write_card_page(film).read_text(encoding="utf-8")


def test_a_card_says_what_is_not_there_yet(film):
    text = write_card_page(film).read_text(encoding="utf-8")
    assert f"{LEARNED} cases of the digital patient" in text
    assert "Not scored yet" in text
    assert text.count("not scored yet") == 3
    assert "has been one stretch" in text


def test_a_card_of_two_stretches_asks_for_their_curve(tmp_path):
    second = trained(tmp_path / "other", "second", seed=8, pretrained=str(trained(tmp_path / "study")))
    release_network(second, tmp_path / "film")
    assert "Not measured yet: `make study STUDY=release_curve" in write_card_page(tmp_path / "film").read_text("utf-8")


@pytest.mark.parametrize(("cases", "told"), [(LEARNED, False), (LEARNED + 5, True)])
def test_a_card_says_that_a_longer_training_was_not_released(film, cases, told):
    pd.DataFrame([{**row("lumbar", "all", "dice", 0.7), "cases": cases}])[list(CURVE)].to_csv(
        film / CURVE_TABLE, index=False
    )
    assert (f"to {cases} cases, stands here as well" in write_card_page(film).read_text("utf-8")) is told


def test_a_card_prints_its_tables_and_which_aims_were_met(film):
    rows = [
        row("aasce", "spine", "dice", 0.81),
        row("aasce", "spine", "dice", 0.5, view="coronal"),
        row("aasce", "spine", "dice_closed", 0.89, missing=2),
        row("film_test", "spine", "cobb_error", 2.0, "deg"),
    ]
    pd.DataFrame(rows)[[*SCORES, *VALUES]].to_csv(film / SCORE_TABLE, index=False)
    grown = [{**row("development", "spine", "dice", 0.7 + k / 10), "cases": 1000 * (k + 1)} for k in range(2)]
    pd.DataFrame(grown)[list(CURVE)].to_csv(film / CURVE_TABLE, index=False)
    (film / TRIED).mkdir()
    one = {"part": "real", "kind": "skin", "severity": 0, "n": 50, "ok": 0.0, "doubtful": 0.02, "refused": 0.98}
    spoiled = [
        {**one, "part": "test", "kind": kind, "severity": 2.0, "ok": ok} for kind, ok in (("dose", 1), ("blur", 0.5))
    ]
    pd.DataFrame([one, {**one, "part": "fit", "kind": "noise"}, *spoiled]).to_csv(
        film / TRIED / GATE_KINDS, index=False
    )
    risk = {"group": ["digital films"], "aurc": [7.0611], "chance": [9.0611], "oracle": [1.0611]}
    pd.DataFrame(risk).to_csv(film / TRIED / GATE_RISKS, index=False)
    text = write_card_page(film).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("|")]
    aims = {line.split("|")[1].strip(): line for line in lines if "at least" in line or "at most" in line}
    assert aims["Dice, spine"].endswith("| at least 0.800 | 0.810 [0.800, 0.820] | met |")
    assert aims["Dice, gaps closed, spine"].endswith("| 0.890 [0.880, 0.900] | missed |")
    assert "not scored yet" in aims["Cobb error, spine"]
    assert any(line.startswith("| 2000 | development") and "0.800 [0.790, 0.810]" in line for line in lines)
    assert "| film_test | test | all | all | spine | Cobb error, deg | 2.00 [1.99, 2.01] | 64 |" in text
    assert "| skin (real) | 50 | 0 % | 2 % | 98 % |" in text
    assert "noise" not in text
    assert "| corrupted, severity 2 (digital or drawn) | 100 | 75 % |" in text
    assert "| digital films | 7.061 | 9.061 | 1.061 | 0.250 |" in text
    assert f"| cases learned from | digital patient | at least 60,000 | {LEARNED} | missed |" in text


@pytest.mark.parametrize(
    ("views", "words"), [([0], "by each of its stages"), ([8, 13], "each seen once"), ([30, 50], "about 4 times")]
)
def test_a_card_says_how_often_a_case_was_seen(views, words):
    stretches = [{"cases": 10, "views": count} for count in views]
    assert words in seen_how_often(SimpleNamespace(data={"stretches": stretches}))


def test_without_weights_there_is_no_card(tmp_path):
    with pytest.raises(BadInput, match="holds no"):
        write_card_page(tmp_path / "film")
