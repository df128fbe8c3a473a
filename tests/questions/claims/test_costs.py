"""What networks cost: exact counts, and times of trainings that are alike."""

import json

import numpy as np
import pytest

from spinelib.core.errors import BadInput
from spinelib.literature.claims import read_claims
from spinelib.questions.claims.costs import cost_trials, counted_at, counted_networks, paper_size, training_paces

USUAL = {"method": "unet", "variant": "full", "width": 0.25, "grid": [192, 96], "recipe": "common"}


def claim(metric="train_seconds", one="mdwcnet/full", other="unet/full"):
    return {"rule": "cost", "metric": metric, "one": one, "other": other}


def finish(folder, name, seconds, device="cpu", threads=2, **given):
    """A finished run that saw 40 images."""
    training = {"steps": 10, "seconds": seconds, "threads": threads, "device": device} if seconds else {}
    facts = {"params": 3, "flops": 4, "training": training, "recipe": {"batch": 4}}
    (folder / "runs" / name).mkdir(parents=True)
    record = {"parameters": {**USUAL, **given}, "facts": facts, "device": device}
    (folder / "runs" / name / "run.json").write_text(json.dumps(record))


class TestCounts:
    def test_they_are_those_of_the_papers_input(self, tmp_path):
        assert round(counted_at("mdwcnet/full", (256, 256)).gmacs, 2) == 7.35
        assert round(counted_at("deeplabv3plus/full", (256, 256)).gmacs, 2) == 9.04
        assert counted_at("unet/full", (256, 256)).params == 31_036_481
        (trial,) = cost_trials(claim("params"), training_paces(tmp_path))
        assert trial["dataset"] == "counted at width 1 for one grey channel of 256 x 256 and one logit, nothing trained"
        assert trial["saving"] == pytest.approx(100 * (1 - 8_515_970 / 31_036_481))

    def test_what_another_channel_adds_is_told(self):
        table = counted_networks(read_claims()).set_index(["network", "input"])
        deeplab = table.loc["deeplabv3plus/full", "256 x 256"].round(2).tolist()
        assert deeplab == [26.67, 9.04, 9.09, 9.04]
        assert table.loc[("mdwcnet/full", "256 x 256"), "GMAC"] == pytest.approx(7.355, abs=0.001)
        named = read_claims().query("rule == 'cost' and metric in ('params', 'flops')")
        assert {name for name, _ in table.index} == {*named["one"], *named["other"]}
        assert table.loc["unet/full"].index.tolist() == ["256 x 256", "512 x 256"]

    def test_a_smaller_rival_is_no_saving(self, tmp_path):
        (trial,) = cost_trials(claim("flops", other="pspnet/small"), training_paces(tmp_path))
        assert trial["saving"] == pytest.approx(100 * (1 - 7.3547 / 2.8108), abs=0.01)

    def test_a_name_that_is_not_in_the_catalogue(self):
        with pytest.raises(BadInput, match="nosuch"):
            counted_at("unet/nosuch", (256, 256))

    @pytest.mark.parametrize(
        ("method", "size"), [("mdwcnet", (256, 256)), ("r2mfnet", (512, 256)), ("safnet", (18, 256, 128))]
    )
    def test_a_paper_without_a_size_has_the_usual_one(self, method, size):
        assert paper_size(method) == size


class TestTimes:
    def test_runs_are_kept_apart_by_what_they_saw(self, tmp_path):
        finish(tmp_path, "a", 100.0)
        finish(tmp_path, "b", 200.0, recipe="published")
        finish(tmp_path, "c", 0.0, method="spinefm")
        finish(tmp_path, "d", 50.0, own_grid=[96, 48])
        table = training_paces(tmp_path).set_index("name")
        assert table["input"].tolist() == [(192, 96), (256, 256), (192, 96), (96, 48)]
        assert table["local"].tolist() == [True, False, True, True]
        assert table["train_seconds"].iloc[[0, 1, 3]].tolist() == [5.0, 10.0, 2.5]  # 200 core-seconds, 40 images
        assert np.isnan(table.loc["spinefm/full", "train_seconds"])
        assert table.index[3] == "unet/full_grid_96x48"

    def test_on_a_card_its_seconds_count_whatever_cores_stand_by(self, tmp_path):
        finish(tmp_path, "a", 100.0, "cuda", threads=2)
        finish(tmp_path, "b", 100.0, "cuda", threads=8, method="mdwcnet")
        (trial,) = cost_trials(claim(), training_paces(tmp_path))
        assert trial["saving"] == 0

    def test_a_run_of_an_earlier_plan_costs_nothing(self, tmp_path):
        finish(tmp_path, "a", 100.0)
        finish(tmp_path, "b", 100.0, method="mdwcnet")
        (tmp_path / "study.json").write_text(json.dumps({"runs": [{"id": "b"}]}))
        assert training_paces(tmp_path)["name"].tolist() == ["mdwcnet/full"]

    @pytest.mark.parametrize("other", [{"recipe": "published"}, {"width": 0.5}, {"grid": [96, 48]}, {"device": "cuda"}])
    def test_unlike_runs_are_not_compared(self, tmp_path, other):
        finish(tmp_path, "a", 100.0)
        finish(tmp_path, "b", 100.0, method="mdwcnet", **other)
        assert list(cost_trials(claim(), training_paces(tmp_path))) == []

    def test_the_saving_is_that_of_the_means_in_the_fullest_setting(self, tmp_path):
        for k, (seconds, given) in enumerate(
            [
                *((90.0, {}), (70.0, {"width": 0.5}), (80.0, {"width": 0.5}), (10.0, {"recipe": "published"})),
                *((50.0, {"method": "mdwcnet", "width": width}) for width in (0.25, 0.5)),
            ]
        ):
            finish(tmp_path, f"r{k}", seconds, **given)
        (trial,) = cost_trials(claim(), training_paces(tmp_path))
        assert trial["saving"] == pytest.approx(100 * (1 - 50 / 75))
        assert trial["dataset"] == "trained at width 0.5, 192 x 96, common recipe, cpu, local contrast"
