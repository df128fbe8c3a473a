"""What both sides of a claim must share."""

import pandas as pd

from spinelib.questions.claims.alike import differing, run_options, uneven_steps

PARAMETERS = {
    "small": {"method": "seg4regplus", "variant": "full"},
    "large": {"method": "seg4regplus", "variant": "full", "options": ["regressor=densenet169"]},
    "variant": {"method": "seg4regplus", "variant": "densenet169"},
    "chain": {"method": "spinefm", "variant": "full"},
}


def side(run, **facts):
    return pd.DataFrame([{"run": run, "recipe": "common", "width": 1.0} | facts])


def test_columns_of_the_case_table_are_compared():
    assert differing("recipe;width", side("a"), side("b"), {}) == ""
    words = differing("recipe;width", side("a"), side("b", width=0.5), {})
    assert words == "runs with one width on both sides (here 1.0 and 0.5)"


def test_options_count_as_variants_and_what_nobody_set_has_its_usual_value():
    assert differing("regressor;inputs", side("large"), side("variant"), PARAMETERS) == ""
    assert "here resnet34 and densenet169" in differing("regressor", side("small"), side("large"), PARAMETERS)


def test_a_side_of_two_kinds_agrees_with_nobody():
    both = pd.concat([side("small"), side("large")])
    assert differing("regressor", both, both, PARAMETERS)


def test_what_is_not_recorded_is_not_taken_for_equal():
    assert "not recorded" in differing("regressor", side("gone"), side("gone"), {})
    assert "not recorded" in differing("regressor", side("chain"), side("chain"), PARAMETERS)


def test_as_many_steps_within_a_tenth():
    full = side("a", given="x/full", name="x/full_published")
    rows = pd.concat([full, side("b", given="x/full_films8", name="x/full_films8_published")])
    few = {"x/full": "x/full_films8_published"}
    assert uneven_steps(rows, few, {"a": 100, "b": 92}) == ""
    assert "(here 25, 100)" in uneven_steps(rows, few, {"a": 100, "b": 25})
    assert "(here 0, 100)" in uneven_steps(rows, few, {"a": 100})


def test_every_option_of_a_network_is_known():
    assert run_options(PARAMETERS["large"])["regressor"] == "densenet169"
    assert run_options(PARAMETERS["small"])["inputs"] == "both"
    assert run_options({}) == {}


def test_what_a_run_is_configured_as_counts_too():
    fewer = {"small": PARAMETERS["small"], "other": PARAMETERS["small"] | {"own_grid": [512, 256]}}
    assert "own_grid on both sides" in differing("own_grid", side("small"), side("other"), fewer)
    assert differing("own_grid", side("small"), side("small"), fewer) == ""
