"""The course of trainings: when a loss has settled, how it wobbles, and what is said of two networks."""

import json

import numpy as np
import pandas as pd
import pytest

from spinelib.core.layout import RunFolder
from spinelib.questions.claims.courses import COLUMNS, course, course_trials, training_courses

LOSS = [1.0, 0.6, 0.3, 0.21, 0.19, 0.2, 0.21, 0.2]


def write(folder, loss=LOSS, train=0.15, **more):
    folder.mkdir(parents=True, exist_ok=True)
    table = pd.DataFrame({"epoch": np.arange(1.0, len(loss) + 1), "train_loss": train, "validation_loss": loss})
    table.assign(**more).to_csv(folder / "history.csv", index=False)
    return RunFolder(folder)


def test_the_course_of_a_training(tmp_path):
    length, settled, wobble, gap = course(write(tmp_path))
    # Its fall is 0.8: within 0.04 of 0.2 from the fourth epoch on.
    assert (length, settled) == (8, 4.0)
    assert wobble == pytest.approx(np.std([0.19, 0.2, 0.21, 0.2], ddof=1) / 0.8)
    assert gap == pytest.approx(0.05)


def test_a_loss_that_leaves_again_has_settled_later(tmp_path):
    assert course(write(tmp_path, [*LOSS[:5], 0.4, 0.2, 0.2]))[1] == 7.0


def test_what_has_no_course(tmp_path):
    assert course(RunFolder(tmp_path / "nothing")) is None
    assert course(write(tmp_path / "short", LOSS[:3])) is None
    assert course(write(tmp_path / "rises", LOSS[::-1])) is None
    assert course(write(tmp_path / "chain", stage="detector")) is None


def test_runs_go_by_the_name_of_their_entry(tmp_path):
    given = {"method": "a", "variant": "full", "width": 0.5, "trained_on": "d", "seed": 3}
    others = {"few": {"train_films": 8}, "one": {"views": ["coronal"]}, "start": {"pretrained": "b"}}
    for name, more in {"all": {}, **others}.items():
        write(tmp_path / "runs" / name)
        record = {"parameters": given | more, "facts": {}}
        (tmp_path / "runs" / name / "run.json").write_text(json.dumps(record))
    table = training_courses(tmp_path).set_index("name").sort_index()
    assert table.index.tolist() == ["a/full", "a/full_films8", "a/full_pretrained", "a/full_views_coronal"]
    facts = ["dataset", "recipe", "width", "epochs", "seed"]
    assert table.loc["a/full", facts].tolist() == ["d", "common", 0.5, 8, 3]


def courses(values, **facts):
    usual = {"dataset": "d", "recipe": "common", "width": 1.0, "epochs": 100, "loss_wobble": 0.1, "loss_gap": 0.0}
    lines = [{"name": name, "seed": k, "settled_epoch": v} for name, own in values.items() for k, v in enumerate(own)]
    return pd.DataFrame(lines).assign(**(usual | facts))[list(COLUMNS)]


CLAIM = {"rule": "course", "metric": "settled_epoch", "one": "a/full", "other": "b/full"}


def test_the_difference_of_trainings():
    table = courses({"a/full": [40.0, 42.0, 41.0], "b/full": [60.0, 63.0, 61.0]})
    (trial,) = course_trials(CLAIM, table)
    assert trial["mean"] == pytest.approx(-20.33, abs=0.01)
    assert trial["high"] < 0
    assert trial["p"] < 0.001
    assert (trial["seeds"], trial["verdict"], trial["one"]) == (3, "not named", "a/full")


def test_trainings_of_another_length_recipe_or_width_are_no_pair():
    one = courses({"a/full": [40.0, 42.0]})
    for other in ({"epochs": 50}, {"recipe": "published"}, {"width": 0.5}, {"dataset": "e"}):
        assert list(course_trials(CLAIM, pd.concat([one, courses({"b/full": [60.0, 61.0]}, **other)]))) == []


def test_one_training_says_nothing_of_the_method():
    (trial,) = course_trials(CLAIM, courses({"a/full": [40.0], "b/full": [60.0, 61.0]}))
    assert (trial["verdict"], trial["seeds"]) == ("one training", 1)
    assert np.isnan(trial["p"])


def test_a_level_is_that_of_the_published_recipe():
    level = CLAIM | {"rule": "course_level", "other": ""}
    assert list(course_trials(level, courses({"a/full": [60.0, 62.0]}))) == []
    (trial,) = course_trials(level, courses({"a/full": [60.0, 62.0]}, recipe="published"))
    assert (trial["mean"], trial["verdict"]) == (61.0, "open")
    (trial,) = course_trials(level, courses({"a/full": [61.0, 61.0]}, recipe="published"))
    assert (trial["low"], trial["high"]) == (61.0, 61.0)
