"""What the case table holds for a claim about scores, rule by rule."""

import numpy as np
import pandas as pd
import pytest

from spinelib.literature.claims import RULES
from spinelib.questions.claims.values import TESTS
from spinelib.questions.compare import contrasts
from tests.questions.claims.test_evidence import CLAIM, PAIR, rows


def found(rule, *parts, named=(), **claim):
    cases = pd.concat(parts)
    family = contrasts.study_contrasts(cases[cases["condition"] == "none"], named)
    return TESTS[rule](CLAIM | {"rule": rule} | claim, contrasts.tested_rows(cases), family)


def test_every_rule_about_scores_has_its_test():
    assert set(RULES) - set(TESTS) == {"cost", "course", "course_level", "none"}
    assert set(TESTS) <= set(RULES)


def many(level, turn, patients=16):
    return [level + 0.02 * np.sin(p * turn) for p in range(patients)]


def two(one, other, **facts):
    """Two trainings of both sides."""
    return [rows({"a/full": many(one, 1 + s), "b/full": many(other, 3 + s)}, seed=s, **facts) for s in (0, 1)]


class TestLevel:
    def test_pooled_means_count_vertebrae(self):
        single = [rows({"a/full": [1.0] * 2}, structure=s, metric="identified") for s in ("L1", "L2", "L3")]
        last = rows({"a/full": [0.0]}, structure="L4", metric="identified")
        whole = rows({"a/full": [0.75, 1.0]}, structure="vertebrae", metric="identified")
        line = found("level", *single, last, whole, metric="identified_pooled", structure="vertebrae")
        assert line["mean"] == pytest.approx(6 / 7)  # the mean of films is 0.875
        assert line["high"] <= 1.0
        assert found("level", whole, metric="identified", structure="vertebrae")["mean"] == pytest.approx(0.875)

    def test_corrupted_films_are_no_part_of_it(self):
        spoilt = rows({"a/full": [0.1, 0.1]}, condition="blur", severity=3)
        assert found("level", rows(PAIR), spoilt)["mean"] == pytest.approx(0.85)


class TestBoth:
    def test_better_by_both_metrics(self):
        parts = [*two(0.9, 0.7), *two(0.8, 0.6, metric="miou")]
        line = found("both", *parts, metric="dice;miou", named=[["a/full", "b/full"]])
        assert line["verdict"] == "not named", "the family asks for MIoU where the ledger does of this pair"
        assert found("both", *two(0.9, 0.7), metric="dice;miou") is None

    def test_worse_by_one_is_worse(self):
        family = pd.DataFrame(
            [
                {"dataset": "d", "one": "a/full", "other": "b/full", "structure": "spine", "metric": m, "unit": "1"}
                | {"kind": "difference", "named": True, "verdict": v, "n": 16, "low": low, "mean": low, "high": low}
                | {"seeds": 2, "p_holm": 0.001}
                for m, v, low in (("dice", "better", 0.1), ("miou", "worse", -0.1))
            ]
        ).reindex(columns=list(contrasts.COLUMNS))
        claim = CLAIM | {"rule": "both", "metric": "dice;miou"}
        own = contrasts.tested_rows(pd.concat([*two(0.9, 0.7), *two(0.8, 0.9, metric="miou")]))
        line = TESTS["both"](claim, own, family)
        assert (line["metric"], line["verdict"]) == ("miou", "worse")
        family.loc[1, ["verdict", "low", "mean", "high"]] = ["better", 0.2, 0.2, 0.2]
        line = TESTS["both"](claim, own, family.assign(low=[0.1, 0.2], mean=[0.1, 0.2], high=[0.1, 0.2]))
        assert (line["metric"], line["verdict"]) == ("dice", "better")


def test_networks_that_learned_nothing_are_not_tested():
    marked = [part.assign(learned=False) for part in (*two(0.9, 0.7), *two(0.8, 0.6, metric="miou"))]
    line = found("both", *marked, metric="dice;miou", named=[["a/full", "b/full"]])
    assert line["verdict"] == "nothing learned"
    line = found("spread", *marked, metric="dice_patient_spread")
    assert (line["verdict"], line["named"]) == ("nothing learned", False)
    assert np.isnan(line["p"])


def test_folds():
    parts = [
        part.assign(fold=f, patient=part["patient"] + f"-{f}") for f in range(3) for part in two(0.9, 0.7 + 0.01 * f)
    ]
    line = found("folds", *parts)
    assert line["low"] > 0
    assert (line["verdict"], line["n"], line["one"]) == ("not named", 48, "a/full")
    assert found("folds", *two(0.9, 0.7)) is None


def test_spread_is_less_where_patients_differ_less():
    calm = [rows({"a/full": many(0.8, 1 + s)}, seed=s) for s in (0, 1)]
    wild = [rows({"b/full": [0.8 + (-1) ** p * 0.1 for p in range(16)]}, seed=s) for s in (0, 1)]
    line = found("spread", *calm, *wild, metric="dice_patient_spread")
    assert line["high"] < 0
    assert (line["metric"], line["verdict"], line["seeds"]) == ("dice_patient_spread", "not named", 2)
    assert found("spread", *calm) is None


def test_fewer_films_costs_each_side_its_own():
    parts = two(0.9, 0.9)
    for films, one, other in ((8, 0.85, 0.6), (16, 0.88, 0.8)):
        for part in two(one, other):
            few = part.assign(variant=f"full_films{films}")
            parts.append(few.assign(given=few["given"] + f"_films{films}", run=few["run"] + f"f{films}"))
    line = found("fewer_films", *parts)
    assert line["mean"] == pytest.approx(-0.05 - -0.3, abs=1e-6)
    assert (line["one"], line["other"], line["verdict"]) == ("a/full", "b/full", "not named")
    assert found("fewer_films", *two(0.9, 0.9)) is None


def test_without_the_other_side_there_is_no_answer():
    alone = rows({"a/full": [0.9, 0.8]})
    for rule in ("difference", "drop", "folds", "spread", "fewer_films", "both"):
        assert found(rule, alone) is None
