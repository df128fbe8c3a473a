"""Statistics against scipy, textbook values, simulation and hand-made tables."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from spinelib.statistics.comparison import (
    GROUPING,
    RESULTS,
    holm,
    leaderboard,
    mean_interval,
    summarise,
)

# Darwin's maize: height of crossed minus self-fertilised plants in eighths of an inch, 15 pairs (Fisher 1935).
MAIZE = np.array([49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48], float)


def rng():
    return np.random.default_rng(0)


class TestHolm:
    def test_textbook_example(self):
        np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])

    def test_equals_statsmodels(self):
        p = rng().uniform(size=30) ** 3
        np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1])

    def test_nan_does_not_count(self):
        np.testing.assert_allclose(holm([0.02, np.nan, 0.03]), [0.04, np.nan, 0.04])
        assert holm([]).size == 0


def cases(methods=("unet", "r2mfnet"), patients=12, seeds=(0, 1)):
    """A case table: two views per patient, r2mfnet better by 0.05, hd95 beside dice, one near-duplicate."""
    noise = rng()
    rows = []
    for method in methods:
        for seed in seeds:
            for p in range(patients):
                for view in ("coronal", "lateral"):
                    dice = 0.8 + 0.05 * (method == "r2mfnet") + 0.01 * p + 0.005 * noise.normal()
                    for metric, unit, value in (("dice", "1", dice), ("hd95", "%", 100 * (1 - dice))):
                        rows.append(
                            {
                                "run": f"{method}-{seed}",
                                "method": method,
                                "seed": seed,
                                "case": f"{p}-{view}",
                                "patient": f"p{p}",
                                "view": view,
                                "near_duplicate": "x" if p == 0 else "",
                                "metric": metric,
                                "unit": unit,
                                "value": value,
                            }
                        )
    constants = {"study": "s", "dataset": "phantom", "trained_on": "phantom", "variant": "full", "recipe": "common"}
    more = {"width": 1.0, "fold": 0, "split": "test", "condition": "none", "severity": 0, "structure": "spine"}
    return pd.DataFrame(rows).assign(**constants, **more, status="ok")


def pick(table, **where):
    for column, value in where.items():
        table = table[table[column] == value]
    return table


class TestSummary:
    def test_columns_and_groups(self):
        summary = summarise(cases())
        assert list(summary.columns) == [*GROUPING, *RESULTS]
        assert not summary.duplicated([*GROUPING, "unit"]).any()
        # methods x metrics x (two views and all) x (with and without near-duplicates)
        assert len(summary) == 2 * 2 * 3 * 2

    def test_numbers_by_hand(self):
        table = cases()
        row = pick(summarise(table), method="unet", metric="dice", view="lateral", near_duplicate="all").iloc[0]
        values = pick(table, method="unet", metric="dice", view="lateral").groupby("patient")["value"].mean()
        assert (row["n"], row["cases"], row["runs"], row["missing"], row["unit"]) == (12, 24, 2, 0, "1")
        assert row["mean"] == pytest.approx(values.mean())
        expected = mean_interval(values.to_numpy())
        assert [row["low"], row["high"]] == pytest.approx([expected.low, expected.high], abs=2e-3)

    def test_the_patient_is_the_unit(self):
        """A patient with many films weighs as much as one with a single film."""
        table = cases(methods=("unet",), seeds=(0,))
        first = table[table["patient"] == "p0"].assign(value=0.0)
        copies = [first.assign(case=first["case"] + str(i)) for i in range(10)]
        row = pick(summarise(pd.concat([table, *copies])), metric="dice", view="all", near_duplicate="all").iloc[0]
        assert row["n"] == 12
        others = pick(table, metric="dice").groupby("patient")["value"].mean()
        assert row["mean"] == pytest.approx((others.sum() - others["p0"] * 10 / 11) / 12)

    def test_near_duplicates_left_out(self):
        table = cases()
        table.loc[table["patient"] == "p0", "value"] = 0.0
        rows = pick(summarise(table), method="unet", metric="dice", view="all").set_index("near_duplicate")
        assert rows.loc["excluded", "n"] == 11
        assert rows.loc["all", "n"] == 12
        assert rows.loc["excluded", "mean"] > rows.loc["all", "mean"] + 0.05
        assert set(summarise(cases().assign(near_duplicate=""))["near_duplicate"]) == {"all"}

    def test_missed_and_absent_structures_are_counted(self):
        table = cases(methods=("unet",), seeds=(0,)).query("view == 'lateral' and metric == 'dice'")
        table = table.assign(near_duplicate="")
        table.iloc[3, table.columns.get_loc("value")] = 0.0
        table.iloc[3, table.columns.get_loc("status")] = "empty_prediction"
        table.iloc[5, table.columns.get_loc("value")] = np.nan
        table.iloc[5, table.columns.get_loc("status")] = "absent"
        row = summarise(table).iloc[0]
        assert (row["n"], row["cases"], row["missing"]) == (11, 11, 2)
        assert row["mean"] == pytest.approx(table["value"].sum() / 11)

    def test_pooled_rows_are_averaged_over_runs_without_interval(self):
        one = cases(methods=("unet",)).query("metric == 'dice'").drop_duplicates("seed")
        pooled = one.assign(case="all", patient="all", view="all", near_duplicate="", metric="dice_pooled")
        row = pick(summarise(pd.concat([cases(), pooled])), metric="dice_pooled")
        assert len(row) == 1
        assert row["mean"].item() == pytest.approx(pooled["value"].mean())
        assert row["runs"].item() == 2
        assert row[["low", "high"]].isna().all(axis=None)

    def test_an_empty_table(self):
        assert list(summarise(cases().iloc[:0]).columns) == [*GROUPING, *RESULTS]

    def test_it_is_deterministic(self):
        pd.testing.assert_frame_equal(summarise(cases()), summarise(cases()))


class TestLeaderboard:
    @pytest.mark.parametrize(("metric", "unit"), [("dice", "1"), ("hd95", "%")])
    def test_best_first_in_either_direction(self, metric, unit):
        board = leaderboard(summarise(cases()), metric, unit, view="all")
        assert board["name"].tolist() == ["r2mfnet/full", "unet/full"]
        assert board["rank"].tolist() == [1, 2]

    def test_with_and_without_near_duplicates(self):
        table = cases()
        spoilt = (table["patient"] == "p0") & (table["method"] == "r2mfnet")
        table.loc[spoilt, "value"] -= 2
        summary = summarise(table)
        assert leaderboard(summary, "dice", view="all")["name"][0] == "unet/full"
        assert leaderboard(summary, "dice", view="all", near_duplicate="excluded")["name"][0] == "r2mfnet/full"

    def test_a_wrong_column_is_refused(self):
        with pytest.raises(ValueError, match="viwe"):
            leaderboard(summarise(cases()), "dice", viwe="all")
