"""When an order may be said to hold on other data."""

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")
from spinelib.questions import generalisation
from tests.questions.generalisation.made import FIVE, run_rows, study, write


def twice(root, name, order, structure="lung"):
    """A study in which every method was trained twice."""
    values = [(method, 0.9 - 0.05 * i, seed) for i, method in enumerate(order) for seed in (0, 1)]
    return write(root / name, *[run_rows(name, method, value, structure, seed=seed) for method, value, seed in values])


def agreement(tmp_path, other, made=twice):
    folders = made(tmp_path, "chest", FIVE), made(tmp_path, "skin", other, "lesion")
    found = generalisation.gather_studies(folders[0], folders[1:])
    ranked = generalisation.ranked(generalisation.standings(found, "dice"), "dice")
    return generalisation.order_agreement(found, ranked, "dice").iloc[0]


def test_the_same_order_holds_and_the_reverse_turns_round(tmp_path):
    same = agreement(tmp_path / "same", FIVE)
    assert (same["tau"], same["low"], same["high"], same["methods"]) == pytest.approx((1, 1, 1, 5))
    assert same["p"] == pytest.approx(2 / 120)
    assert same["reading"] == "the order holds"
    turned = agreement(tmp_path / "turned", FIVE[::-1])
    assert (turned["tau"], turned["high"]) == pytest.approx((-1, -1))
    assert turned["reading"] == "the order turns round"


def test_an_order_that_is_alike_in_part_does_not_hold(tmp_path):
    line = agreement(tmp_path, ["mdwcnet", "plunet", "unet", "pspnet", "fcn8s"])
    assert line["tau"] == pytest.approx(0.6)
    assert line["low"] > 0
    assert line["reading"] == "alike in part, tau is below 0.8"
    close = agreement(tmp_path / "close", ["mdwcnet", "plunet", "unet", "fcn8s", "pspnet"])
    assert close["reading"] == "the order holds, but so few methods could do so by chance"


def test_an_order_of_single_trainings_is_none_of_methods(tmp_path):
    line = agreement(tmp_path, FIVE, made=study)
    assert (line["tau"], line["trainings"]) == (pytest.approx(1), 1)
    assert line["reading"] == "one training a method: an order of these trainings, not of these methods"


def test_methods_that_only_one_data_set_has_do_not_count(tmp_path):
    line = agreement(tmp_path, ["r2mfnet", *FIVE[:4]])
    assert (line["methods"], line["reading"]) == (4, "too few methods to tell")
    assert line["tau"] == pytest.approx(1)
    alone = agreement(tmp_path / "alone", ["r2mfnet"])
    assert (alone["methods"], alone["reading"]) == (0, "too few methods to tell")
    assert np.isnan(alone["tau"])


def test_an_order_within_the_noise_stays_open(tmp_path):
    rng = np.random.default_rng(1)
    parts = {
        name: [run_rows(name, method, 0.8, spread=0, seed=seed) for method in FIVE for seed in (0, 1)]
        for name in ("chest", "skin")
    }
    for rows in [rows for part in parts.values() for rows in part]:
        for row in rows:
            row["value"] += rng.normal(0, 0.05)
    folders = [write(tmp_path / name, *part) for name, part in parts.items()]
    found = generalisation.gather_studies(folders[0], folders)
    ranked = generalisation.ranked(generalisation.standings(found, "dice"), "dice")
    line = generalisation.order_agreement(found, ranked, "dice").iloc[0]
    assert line["low"] < 0 < line["high"]
    assert line["reading"] == "open, the interval holds 0"


def test_one_data_set_has_no_second_order(mixed):
    ranked = generalisation.ranked(generalisation.standings(mixed, "dice"), "dice")
    table = generalisation.order_agreement(mixed, ranked, "dice")
    assert table.empty
    assert "tau" in table


def test_chance_of_training_opens_an_order_that_patients_alone_would_settle(tmp_path):
    """Means over two trainings stand in one order, patients hardly differ, and trainings of a method differ much."""

    def apart(root, name, order, structure="lung"):
        values = [(method, 0.8 - 0.05 * i, seed) for i, method in enumerate(order) for seed in (0, 1)]
        rows = [
            run_rows(name, method, value + (seed - 0.5) * 0.3, structure, seed=seed) for method, value, seed in values
        ]
        return write(root / name, *rows)

    line = agreement(tmp_path, FIVE, made=apart)
    assert (line["tau"], line["trainings"]) == (pytest.approx(1), 2)
    assert line["low"] <= 0
    assert line["reading"] == "open, the interval holds 0"
