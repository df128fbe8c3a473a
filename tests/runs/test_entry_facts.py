"""What the index looks up of an entry: its compute, and whether it learned anything."""

import json

import numpy as np
import pytest

from spinelib.runs.entry_facts import EntryFacts


@pytest.fixture
def facts(tmp_path):
    for method, empty in (("unet", 0.0), ("plunet", 0.9)):
        folder = tmp_path / "runs" / method
        folder.mkdir(parents=True)
        given = {"method": method, "variant": "full", "trained_on": "d", "width": 0.25}
        record = {"status": "finished", "run": method, "parameters": given}
        record |= {
            "facts": {"flops": 2e9, "training": {"seconds": 30}, "signs": {"d": {"empty": empty, "smape_guess": 31.0}}}
        }
        (folder / "run.json").write_text(json.dumps(record))
    return EntryFacts(tmp_path)


def row(method, width="0.25"):
    about = {"dataset": "d", "trained_on": "d", "method": method, "variant": "full", "recipe": "common"}
    return {**about, "width": width, "structure": "spine"}


def test_compute_is_that_of_the_entry(facts):
    costs = facts.expense(row("unet"))
    assert (costs["gmac"], costs["core_seconds"]) == (1, 30)
    assert np.isnan(costs["million"])
    assert np.isnan([*facts.expense(row("unet", "0.5")).values()]).all()


def test_an_entry_that_drew_nothing_is_named_and_left_out(facts):
    kept, words = facts.learned([row("unet"), row("plunet")])
    assert [line["method"] for line in kept] == ["unet"]
    assert words == ["PLU-Net learned nothing: nothing was predicted in 90% of the test cases (run plunet)."]
    assert facts.learned([row("unet")]) == ([row("unet")], [])
    other = [{**row(method), "structure": "angles"} for method in ("unet", "plunet")]
    guess = "Same answer for every film, the mean of the training angles: SMAPE 31.0 %."
    assert facts.learned(other) == (other, [guess])


def test_where_nobody_learned_all_stay_and_the_board_says_so(facts):
    kept, words = facts.learned([row("plunet")])
    assert len(kept) == 1
    assert "says nothing" in words[-1]


def test_the_runs_of_an_entry_are_its_own(facts):
    assert facts.runs(row("unet")) == ("unet",)
    assert facts.runs(row("unet", "0.5")) == ()


def test_nothing_is_told_only_of_a_board_on_which_nobody_learned(facts):
    assert facts.nothing([row("plunet")])
    assert not facts.nothing([row("unet"), row("plunet")])
