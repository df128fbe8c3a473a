"""Verdicts of one training a side are taken back, numbers stay."""

import numpy as np
import pandas as pd
import pytest

from spinelib.literature.claims import published_difference, read_claims
from spinelib.questions.cobb.angles import REFERENCE_ENTRY
from spinelib.study.recompute import judged
from tests.study.recompute.made import CLAIM, COST, MEAN, ORDER, PART, TEST, film_rows


def test_a_claim_on_scores_of_one_training_has_no_verdict_and_one_on_costs_keeps_its():
    several = CLAIM | {"dataset": "e", "seeds": 3}
    rows = judged.judged_claims(pd.DataFrame([CLAIM, several, COST]))
    assert set(rows["id"]) == set(read_claims()["id"])
    rows = rows[rows["id"].isin([CLAIM["id"], COST["id"]])]
    assert rows["verdict"].tolist() == ["one training", "agrees here", "agrees here"]
    assert rows["finding"].tolist() == ["one training", "supported", "supported"]
    assert rows["p_holm"].isna().tolist() == [True, False, False]
    assert rows["published"].isna().all(), "today's ledger has no number for these"
    assert rows["before"].tolist() == ["agrees here"] * 3
    assert rows["mean"].tolist() == [CLAIM["mean"]] * 3


def test_sizes_and_operations_are_counted_at_the_papers_input_whatever_was_published():
    line = COST | {"id": "mdwc-flops-deeplabv3plus", "other": "deeplabv3plus/full", "metric": "flops", "mean": -247.0}
    rows = judged.judged_claims(pd.DataFrame([line])).set_index("id")
    row = rows.loc["mdwc-flops-deeplabv3plus"]
    # Those that the ledger has since need no run either.
    assert rows.loc["r2mf-cost-params-unet", "verdict"] == "agrees here"
    assert row["verdict"] == "agrees here"
    # 7.35 and 9.04 GMAC for one grey film of 256 x 256.
    assert row["mean"] == pytest.approx(100 * (9.04 - 7.35) / 9.04, abs=0.2)
    assert row["dataset"] == "counted at width 1 for one grey channel of 256 x 256 and one logit, nothing trained"


def test_what_was_not_tested_stays_so():
    rows = judged.judged_claims(pd.DataFrame([CLAIM | {"verdict": "not testable here", "seeds": np.nan}]))
    assert rows.loc[rows["id"] == CLAIM["id"], "verdict"].tolist() == ["not testable here"]


def test_a_line_that_asks_something_else_today_keeps_no_answer():
    line = CLAIM | {"id": "seg4reg-gain-smape", "metric": "smape", "unit": "%", "structure": "angles", "mean": -7.57}
    line |= {"one": "seg4regplus/full", "other": "seg4regplus/seg4reg"}
    rows = judged.judged_claims(pd.DataFrame([line, CLAIM | {"id": "gone"}])).set_index("id")
    row = rows.loc["seg4reg-gain-smape"]
    assert (row["verdict"], row["before"]) == ("not testable here", "agrees here")
    assert np.isnan(row["mean"])
    assert row["one"] == "seg4regplus/densenet169_released"
    assert row["needed"].startswith(
        "new runs of the study: it was published with an answer to another question; the ch"
    )
    assert rows.loc["mdwc-gap", "needed"].startswith("new runs of the study: it was published before the ledger had")
    assert rows["before"].notna().sum() == 1
    assert "gone" not in rows.index
    again = judged.judged_claims(rows.reset_index())
    pd.testing.assert_frame_equal(again, rows.reset_index()[again.columns], check_dtype=False)


def test_the_papers_number_stands_beside_the_pair_that_it_speaks_of_alone():
    smape = PART | {"method": "seg4regplus", "metric": "smape", "unit": "%", "one": "full", "other": "seg4reg"}
    aspp = PART | {"method": "safnet", "one": "aspp", "other": "base", "published": 7.0}
    rows = judged.judged_parts(pd.DataFrame([smape | {"published": -0.32}, aspp]))
    assert rows["published"].isna().tolist() == [True, False]
    assert "The paper prints" not in rows["sentence"].iloc[0]
    assert rows["published"].iloc[1] == published_difference("safnet", "aspp", "base", "dice")


def test_a_part_keeps_its_difference_and_loses_pays():
    (row,) = judged.judged_parts(pd.DataFrame([PART])).to_dict("records")
    assert row["verdict"] == "one training"
    assert row["sentence"].startswith("With R2-Jump Dice is 0.018 higher [0.013, 0.023] (48 patients, 1 training a")
    assert row["sentence"].endswith("this training, not this method.")
    assert np.isnan(row["p_holm"])


def test_tests_become_contrasts_without_a_verdict():
    summary = pd.DataFrame([MEAN | {"view": view} for view in ("coronal", "left_bending", "all")])
    (row,) = judged.judged_differences(pd.DataFrame([TEST]), "d", summary).to_dict("records")
    assert (row["structure"], row["metric"], row["view"], row["n"]) == ("spine", "dice", "all", 48)
    assert (row["verdict"], row["seeds"]) == ("one training", 1)
    assert np.isnan(row["p"])
    one_view = judged.judged_differences(pd.DataFrame([TEST]), "d", summary.head(1))
    assert one_view["view"].tolist() == ["coronal"]


def test_an_order_of_single_trainings_is_none_of_methods():
    (reading,) = judged.judged_orders(pd.DataFrame([ORDER]))["reading"]
    assert "not of these methods" in reading
    (kept,) = judged.judged_orders(pd.DataFrame([ORDER | {"trainings": 3}]))["reading"]
    assert kept == "the order holds"


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("d: A has the best mean, 4 patients; intervals of 3 of 4 others overlap with its own.", "d: A has the best"),
        ("d: A, best on clean images, stays best under 4 of 14.", "d: the entry in front on clean images stays there"),
    ],
)
def test_sentences_lose_what_they_said_of_overlaps_and_leaders(line, left):
    said = judged.without_overlaps(line)
    assert said.startswith(left)
    assert "overlap" not in said


def test_boards_of_angles_are_computed_from_the_angles_of_every_film():
    rows = pd.concat([film_rows("a/full", 4.0), film_rows("b/full", 2.0), film_rows(REFERENCE_ENTRY, 0.5)])
    board = judged.judged_angles(rows).set_index("name")
    assert board["rank"].loc[["b/full", "a/full"]].tolist() == [1, 2]
    assert np.isnan(board["rank"][REFERENCE_ENTRY])
    assert board["cobb_error"].round(6).to_dict() == {"b/full": 2.0, "a/full": 4.0, REFERENCE_ENTRY: 0.5}
