"""Verdicts on studies with a known truth."""

import json

import numpy as np
import pandas as pd
import pytest

from spinelib.core.errors import BadInput
from spinelib.literature import claims as ledger
from spinelib.literature.counting import counted_lines
from spinelib.questions import claims
from spinelib.questions.compare import study_cases, study_contrasts
from spinelib.runs.tables import CASE_COLUMNS


def study(folder, gains, *, dataset="phantom", seeds=(0,), recipe="common", patients=40, metric="dice", **more):
    """A finished study whose entries differ by known amounts: gains by method/variant, noise 0.01."""
    noise = np.random.default_rng(0)
    level = noise.normal(0.8, 0.02, patients)
    rows = [
        {
            **{"run": f"{name}-{seed}", "method": name.split("/")[0], "variant": name.split("/")[1], "seed": seed},
            **{"case": f"c{p}", "patient": f"p{p}", "value": level[p] + gain + 0.01 * noise.normal()},
        }
        for name, gain in gains.items()
        for seed in seeds
        for p in range(patients)
    ]
    facts = {"study": "s", "dataset": dataset, "trained_on": dataset, "recipe": recipe, "width": 1.0, "fold": 0}
    facts |= {"split": "test", "view": "coronal", "condition": "none", "severity": 0, "near_duplicate": ""}
    facts |= {"structure": "spine", "metric": metric, "unit": "1", "status": "ok"}
    table = pd.DataFrame(rows).assign(**(facts | more))
    folder.mkdir(parents=True, exist_ok=True)
    table[CASE_COLUMNS].to_csv(folder / "cases.csv", index=False)
    return folder


def line(table, claim):
    return table[table["id"] == claim].iloc[0]


def named(*rivals, method="mdwcnet/full"):
    return [[method, f"{rival}/full"] for rival in rivals]


def course_of(folder, name, seed, settled):
    """A finished run by its paper's recipe whose validation loss has settled after so many of 100 epochs."""
    folder.mkdir(parents=True)
    given = {"method": name, "variant": "full", "width": 1.0, "trained_on": "phantom", "recipe": "published"}
    (folder / "run.json").write_text(json.dumps({"parameters": given | {"seed": seed}, "facts": {}}))
    loss = [1.0 if epoch < settled else 0.1 for epoch in range(1, 101)]
    history = {"epoch": range(1, 101), "train_loss": 0.1, "validation_loss": loss}
    pd.DataFrame(history).to_csv(folder / "history.csv", index=False)


class TestVerdicts:
    def test_the_contrast_decides(self, tmp_path):
        gains = {"mdwcnet/full": 0.05, "unet/full": 0.0, "resunet/full": 0.1, "fcn8s/full": 0.0499}
        folder = study(tmp_path, gains, seeds=(0, 1))
        table = claims.judge(folder, named("unet", "resunet", "fcn8s"))
        better, worse, equal = (line(table, f"mdwc-spine-dice-{rival}") for rival in ("unet", "resunet", "fcn8s"))
        assert (better["finding"], better["verdict"]) == ("supported", "agrees here")
        assert (worse["finding"], worse["verdict"]) == ("contradicted", "disagrees here")
        assert (equal["finding"], equal["verdict"]) == ("undecided", "inconclusive")
        assert better["low"] > 0 > worse["high"]
        assert better["n"] == 40
        assert better["size"] == "more than published"  # 0.0358 there, 0.05 here
        assert "patients (here 40) for the published effect of 0.0758" in equal["needed"]
        assert "3 seeds, not 2" in better["needed"]
        family = study_contrasts(study_cases(folder), named("unet", "resunet", "fcn8s"))
        row = family[(family["other"] == "unet/full") & (family["metric"] == "dice")].iloc[0]
        assert better[["mean", "low", "high", "p_holm"]].tolist() == row[["mean", "low", "high", "p_holm"]].tolist()

    def test_a_claim_of_a_smaller_p_is_held_to_it(self, tmp_path):
        folder = study(tmp_path, {"mdwcnet/full": 0.05, "unet/full": 0.0}, seeds=(0, 1))
        own = ledger.read_claims().query("id == 'mdwc-significant-dice-unet'")
        assert own["confidence"].item() == 0.99
        p = claims.judge(folder, named("unet"), own)["p_holm"].item()
        for share, verdict in ((0.5, "inconclusive"), (2.0, "agrees here")):
            found = claims.judge(folder, named("unet"), own.assign(confidence=1 - share * p))
            assert found["verdict"].item() == verdict

    def test_one_training_gives_no_verdict_on_scores(self, tmp_path):
        table = claims.judge(study(tmp_path, {"mdwcnet/full": 0.05, "unet/full": 0.0}), named("unet"))
        row = line(table, "mdwc-spine-dice-unet")
        assert (row["finding"], row["verdict"], row["size"]) == ("one training", "one training", "")
        assert row["low"] > 0
        assert "3 seeds, not 1" in row["needed"]
        assert set(table.loc[table["rule"] != "cost", "verdict"]) == {"one training", "not testable here"}

    def test_a_pair_that_the_study_did_not_name_is_not_judged(self, tmp_path):
        table = claims.judge(study(tmp_path, {"mdwcnet/full": 0.05, "unet/full": 0.0}, seeds=(0, 1)))
        row = line(table, "mdwc-spine-dice-unet")
        assert (row["finding"], row["verdict"]) == ("undecided", "inconclusive")
        assert row["needed"].startswith("the pair among the comparisons of the study's file")

    def test_lines_without_runs_say_what_they_need(self, tmp_path):
        table = claims.judge(study(tmp_path, {"mdwcnet/full": 0.0}))
        row = line(table, "mdwc-spine-dice-unet")
        assert row["verdict"] == "not testable here"
        assert row["needed"].startswith("runs of unet/full; the paper's 280 films")
        assert line(table, "mdwc-time-unet")["verdict"] == "not testable here"
        assert set(table["id"]) == set(ledger.read_claims()["id"])

    def test_what_finished_and_learned_nothing_is_no_run_that_is_missing(self, tmp_path):
        folder = study(tmp_path, {"mdwcnet/full": 0.0, "unet/full": 0.1, "pspnet/full": 0.0}, seeds=(0, 1))
        record = {"status": "finished", "run": "unet/full-1", "parameters": {}}
        record |= {"facts": {"signs": {"phantom": {"best_dice": 0.012}}}}
        (folder / "runs" / "unet").mkdir(parents=True)
        (folder / "runs" / "unet" / "run.json").write_text(json.dumps(record))
        rows = line(claims.judge(folder), "mdwc-spine-dice-unet"), line(claims.judge(folder), "mdwc-spine-dice-fcn8s")
        assert [row["verdict"] for row in rows] == ["not testable here"] * 2
        words = "trainings of unet/full that learn, which it finished here without (Dice on validation never rose above"
        assert rows[0]["needed"].startswith(words)
        assert rows[1]["needed"].startswith("runs of fcn8s/full; the paper's 280 films")

    def test_where_nobody_learned_nothing_is_judged(self, tmp_path):
        facts = {"structure": "lesion", "dataset": "isic2016", "recipe": "published", "seeds": (0, 1, 2)}
        folder = study(tmp_path, {"mdwcnet/full": -0.5}, **facts)
        for seed in facts["seeds"]:
            record = {"status": "finished", "run": f"mdwcnet/full-{seed}", "parameters": {}}
            record |= {"facts": {"signs": {"isic2016": {"best_dice": 0.0}}}}
            (folder / "runs" / str(seed)).mkdir(parents=True)
            (folder / "runs" / str(seed) / "run.json").write_text(json.dumps(record))
        row = line(claims.judge(folder), "mdwc-skin-dice")
        assert (row["verdict"], row["size"]) == ("not testable here", "")
        assert row["needed"].startswith("trainings that learn: none on these data did")

    def test_a_replication_needs_data_recipe_and_seeds(self, tmp_path):
        gains = {"mdwcnet/full": 0.05, "unet/full": 0.0}
        common = {"structure": "lesion", "dataset": "isic2016"}
        full = study(tmp_path / "a", gains, seeds=(0, 1, 2), recipe="published", **common)
        short = study(tmp_path / "b", gains, seeds=(0, 1), recipe="published", **common)
        other = study(tmp_path / "c", gains, seeds=(0, 1, 2), recipe="common", **common)
        pairs = [*named("unet"), ["mdwcnet/full_published", "unet/full_published"]]
        found = [line(claims.judge(s, pairs), "mdwc-skin-dice-unet")["verdict"] for s in (full, short, other)]
        assert found == ["replicated", "agrees here", "agrees here"]
        gains = {"mdwcnet/full": 0.0, "unet/full": 0.05}
        reverse = study(tmp_path / "d", gains, seeds=(0, 1, 2), recipe="published", **common)
        assert line(claims.judge(reverse, pairs), "mdwc-skin-dice-unet")["verdict"] == "contradicted"

    def test_what_ran_at_a_smaller_scale_never_replicates(self, tmp_path):
        gains, pair = {"mdwcnet/full": 0.05, "unet/full": 0.0}, "mdwc-skin-dice-unet"
        whole = {"structure": "lesion", "dataset": "isic2016", "seeds": (0, 1, 2)}
        short = study(tmp_path / "a", gains, recipe="shortened", **whole)
        narrow = study(tmp_path / "b", gains, recipe="published", width=0.25, **whole)
        pairs = [[f"mdwcnet/full_{recipe}", f"unet/full_{recipe}"] for recipe in ("shortened", "published")]
        found = [line(claims.judge(folder, pairs), pair) for folder in (short, narrow)]
        assert [row["verdict"] for row in found] == ["agrees here", "agrees here"]
        assert "the published recipe at its full length" in found[0]["needed"]
        assert "the full width, not 0.25 of it" in found[1]["needed"]

    def test_a_level_is_tested_on_the_papers_data_alone(self, tmp_path):
        elsewhere = claims.judge(study(tmp_path / "a", {"mdwcnet/full": 0.1}))
        assert line(elsewhere, "mdwc-spine-dice")["verdict"] == "not testable here"
        there = study(tmp_path / "b", {"mdwcnet/full": 0.1}, structure="lesion", dataset="skin", seeds=(0, 1))
        (there / "data" / "skin").mkdir(parents=True)
        (there / "data" / "skin" / "options.json").write_text(json.dumps({"dataset": "isic2016"}))
        row = line(claims.judge(there), "mdwc-skin-dice")  # 0.90 against 0.8725
        assert (row["finding"], row["verdict"]) == ("better than published", "better than published")

    def test_a_value_far_above_is_never_replicated(self, tmp_path):
        found = {}
        for name, gain in {"far above": 0.1525, "as published": 0.0725, "below": -0.1}.items():
            facts = {"structure": "lesion", "dataset": "isic2016", "recipe": "published", "seeds": (0, 1, 2)}
            folder = study(tmp_path / name.replace(" ", "_"), {"mdwcnet/full": gain}, **facts)
            found[name] = line(claims.judge(folder), "mdwc-skin-dice")["verdict"]
        assert found == {
            "far above": "better than published",
            "as published": "replicated",
            "below": "contradicted",
        }

    @pytest.mark.parametrize(("films", "verdict"), [(64, "disagrees here"), (128, "contradicted")])
    def test_half_of_the_papers_test_films_replicate_nothing(self, tmp_path, films, verdict):
        facts = {"metric": "smape", "unit": "%", "structure": "angles", "dataset": "aasce", "recipe": "published"}
        folder = study(tmp_path, {"seg4regplus/full": 9.0}, seeds=(0, 1, 2), patients=films, **facts)
        row = line(claims.judge(folder), "seg4reg-level-smape")
        assert row["verdict"] == verdict
        assert ("128 validation films" in row["needed"]) == (films < 128)

    def test_smaller_errors_are_better(self, tmp_path):
        gains = {"seg4regplus/full": 3.0, "seg4regplus/no_gate": 5.0, "seg4regplus/seg4reg": 5.0}
        folder = study(tmp_path, gains, metric="smape", unit="%", structure="angles", dataset="aasce", seeds=(0, 1))
        pairs = [[f"seg4regplus/{name}", "seg4regplus/full"] for name in ("no_gate", "seg4reg")]
        table = claims.judge(folder, pairs)
        row = line(table, "seg4reg-part-no_gate")
        assert row["finding"] == "supported"
        assert row["high"] < 0
        assert np.isnan(line(table, "seg4reg-gain-smape")["mean"]), "no record says which regressors these are"

    def test_networks_that_are_not_alike_are_not_compared(self, tmp_path):
        gains = {"seg4regplus/densenet169_released": 3.0, "seg4regplus/seg4reg_released": 5.0}
        folder = study(tmp_path, gains, metric="smape", unit="%", structure="angles", dataset="aasce", seeds=(0, 1))
        cases = pd.read_csv(folder / "cases.csv")
        cases["run"] = cases["method"] + "-" + cases["variant"] + "-" + cases["seed"].astype(str)
        cases.to_csv(folder / "cases.csv", index=False)
        for run, method, variant in cases[["run", "method", "variant"]].drop_duplicates().to_numpy(str):
            options = ["regressor=resnet34"] if variant == "seg4reg_released" else []
            record = {"parameters": {"method": method, "variant": variant, "options": options}, "facts": {}}
            (folder / "runs" / run).mkdir(parents=True)
            (folder / "runs" / run / "run.json").write_text(json.dumps(record))
        pair = [["seg4regplus/seg4reg_released", "seg4regplus/densenet169_released"]]
        row = line(claims.judge(folder, pair), "seg4reg-gain-smape")
        assert row["verdict"] == "not testable here"
        assert "regressor on both sides (here densenet169 and resnet34)" in row["needed"]

    def test_losses_on_corrupted_films_are_judged_in_a_family_of_their_own(self, tmp_path):
        gains = {"r2mfnet/full": 0.0, "unet/full": 0.0}
        clean = pd.read_csv(study(tmp_path / "a", gains, seeds=(0, 1)) / "cases.csv")
        spoilt = clean.assign(condition="noise", severity=2)
        spoilt["value"] -= np.where(spoilt["method"] == "unet", 0.1, 0.02)
        pd.concat([clean, spoilt]).to_csv(tmp_path / "a" / "cases.csv", index=False)
        table = claims.judge(tmp_path / "a", named("unet", method="r2mfnet/full"))
        row = line(table, "r2mf-robust-unet")
        assert row["mean"] == pytest.approx(0.08)
        assert (row["finding"], row["verdict"]) == ("supported", "agrees here")
        assert row["p_holm"] == row["p"], "one line of the ledger alone"
        assert line(table, "r2mf-dice-unet")["finding"] == "undecided"
        row = line(claims.judge(tmp_path / "a"), "r2mf-robust-unet")
        assert (row["finding"], row["verdict"]) == ("undecided", "inconclusive")
        assert row["needed"].startswith("the pair among the comparisons")

    def test_every_structure_must_agree(self, tmp_path):
        gains, pair = {"safnet/full": 0.05, "unet3d/mid": 0.0}, [["safnet/full", "unet3d/mid"]]
        folder = tmp_path
        parts = [
            pd.read_csv(study(folder, gains, structure=s, seeds=(0, 1)) / "cases.csv")
            for s in ("all", "L1", "L2", "T9")
        ]
        # The paper's seventeen structures are without T9.
        parts[3].loc[parts[3]["method"] == "safnet", "value"] -= 0.5
        pd.concat(parts).to_csv(tmp_path / "cases.csv", index=False)
        assert line(claims.judge(tmp_path, pair), "safnet-unet3d")["mean"] == pytest.approx(0.05, abs=0.01)
        assert line(claims.judge(tmp_path, pair), "safnet-each-unet3d")["finding"] == "supported"
        parts[2].loc[parts[2]["method"] == "safnet", "value"] -= 0.1
        pd.concat(parts).to_csv(tmp_path / "cases.csv", index=False)
        assert line(claims.judge(tmp_path, pair), "safnet-each-unet3d")["finding"] == "contradicted"

    def test_a_mix_up_beyond_the_paper_s_seventeen_structures_is_none(self, tmp_path):
        gains, pair = {"safnet/full": 0.0, "unet3d/mid": 0.0}, [["safnet/full", "unet3d/mid"]]
        names = ("all", "L1", "L2", "T9")
        parts = [pd.read_csv(study(tmp_path, gains, structure=s, seeds=(0, 1)) / "cases.csv") for s in names]
        own = (parts[3]["method"] == "safnet") & (parts[3]["patient"] != "p0")
        parts[3].loc[own, "status"] = "empty_prediction"
        lost = (parts[1]["method"] == "unet3d") & (parts[1]["patient"] != "p0")
        parts[1].loc[lost, "status"] = "empty_prediction"
        pd.concat(parts).to_csv(tmp_path / "cases.csv", index=False)
        row = line(claims.judge(tmp_path, pair), "safnet-no-mix-up-unet3d")
        assert row["structure"] == "seventeen"
        assert row["mean"] == pytest.approx(-39 / 40), "T9, which SAFNet misses, is none of the seventeen"

    def test_the_worst_view(self, tmp_path):
        gains = {"r2mfnet/full": 0.0, "r2mfnet/no_mcskip": 0.0}
        views = ("coronal", "left_bending")
        parts = [pd.read_csv(study(tmp_path, gains, view=v, seeds=(0, 1)) / "cases.csv") for v in views]
        parts[1].loc[parts[1]["variant"] == "no_mcskip", "value"] -= 0.05
        pd.concat(parts).to_csv(tmp_path / "cases.csv", index=False)
        row = line(claims.judge(tmp_path, [["r2mfnet/full", "r2mfnet/no_mcskip"]]), "r2mf-directions")
        assert row["finding"] == "supported"
        assert 0.03 < row["mean"] < 0.06

    def test_sizes_are_judged_in_a_study_that_trained_no_rival(self, tmp_path):
        table = claims.judge(study(tmp_path, {"safnet/full": 0.0}))
        counts = table[table["metric"].isin(["params", "flops"]) & (table["rule"] == "cost")]
        assert len(counts) >= 16
        sizes = {"mdwcnet/full": "256 x 256", "r2mfnet/full": "512 x 256"}  # no recipe of R2MF-Net's paper is known
        told = [
            f"counted at width 1 for one grey channel of {sizes[one]} and one logit, nothing trained"
            for one in counts["one"]
        ]
        assert counts["dataset"].tolist() == told
        assert (counts["verdict"] == np.where(counts["mean"] > 0, "agrees here", "disagrees here")).all()
        assert counts["needed"].tolist() == counts["needs"].tolist()
        # Counted by hand: 31,036,481 parameters of a U-Net.
        assert line(table, "mdwc-params-unet")["mean"] == pytest.approx(100 * (1 - 8_515_970 / 31_036_481))
        assert line(table, "mdwc-flops-deeplabv3plus")["mean"] == pytest.approx(100 * (1 - 7.3547 / 9.0379), abs=0.01)

    @pytest.mark.parametrize(("saving", "verdict"), [(1e-9, "agrees here"), (0.0, "disagrees here")])
    def test_no_saving_contradicts(self, tmp_path, monkeypatch, saving, verdict):
        trial = {"dataset": "counted", "recipe": "any", "width": 1.0, "seeds": np.nan, "saving": saving}
        monkeypatch.setattr("spinelib.questions.claims.evidence.cost_trials", lambda *given: [trial])
        assert line(claims.judge(study(tmp_path, {"unet/full": 0.0})), "mdwc-params-unet")["verdict"] == verdict

    def test_courses_of_trainings_and_pairs_of_metrics_are_judged(self, tmp_path):
        gains = {"mdwcnet/full": 0.05, "unet/full": 0.0}
        parts = []
        for metric in ("dice", "miou"):
            folder = study(tmp_path, gains, metric=metric, recipe="published", seeds=(0, 1, 2))
            parts.append(pd.read_csv(folder / "cases.csv"))
        pd.concat(parts).to_csv(tmp_path / "cases.csv", index=False)
        for name, settled in (("mdwcnet", 58), ("unet", 80)):
            for seed in range(3):
                course_of(tmp_path / "runs" / f"{name}-{seed}", name, seed, settled + seed)
        table = claims.judge(tmp_path, [["mdwcnet/full_published", "unet/full_published"]])
        found = table.set_index("id")
        assert found.loc["mdwc-convergence-epoch-unet", ["seeds", "verdict"]].tolist() == [3, "agrees here"]
        assert found.loc["mdwc-convergence-epoch-unet", "mean"] == -22
        assert found.loc["mdwc-settles", ["mean", "verdict"]].tolist() == [59, "agrees here"]
        assert found.loc["mdwc-plane-dice-miou-unet", "verdict"] == "agrees here"
        assert found.loc["mdwc-plane-dice-miou-fcn8s", "verdict"] == "not testable here"

    def test_an_unfinished_study_is_refused(self, tmp_path):
        with pytest.raises(BadInput, match="no run"):
            claims.judge(tmp_path)

    def test_the_tally_counts_lines(self, tmp_path):
        table = claims.judge(study(tmp_path, {"mdwcnet/full": 0.05, "unet/full": 0.0}))
        assert claims.tally(table).to_numpy().sum() == len(counted_lines(table))
