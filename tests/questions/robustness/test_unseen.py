"""Views and sources that a network never saw."""

import json

import matplotlib as mpl
import pandas as pd
import pytest

mpl.use("Agg")
from spinelib.questions import robustness
from spinelib.questions.robustness import unseen


def test_a_view_left_out_stands_beside_the_joint_network(study):
    found = unseen.unseen_views(study)
    assert set(found["name"]) == {"unet/full"}
    assert found["seen"].sum() == 1
    assert len(found) == 3
    clean = robustness.clean_dice(study)
    row = found.iloc[0]
    joint = clean[(clean["view"] == row["view"]) & clean["run"].isin(["phantom-unet-s0", "phantom-unet-s1"])]
    assert row["joint"] == pytest.approx(joint.groupby("patient")["value"].mean().mean())
    assert row["loss"] == pytest.approx(row["joint"] - row["mean"])


def test_a_network_from_elsewhere_stands_beside_the_one_trained_there(study, tmp_path):
    cases = pd.read_csv(study / "cases.csv", keep_default_na=False)
    away = cases[cases["run"] == "phantom-unet-s1"].assign(trained_on="aasce", run="aasce-unet")
    away = away.assign(value=pd.to_numeric(away["value"]) / 2)
    own = cases[cases["run"].isin(["phantom-unet-s0", "phantom-plunet-s0"])]
    fewer = own[own["method"] == "unet"].assign(variant="full_films9", run="few")
    pd.concat([fewer, own, away]).to_csv(tmp_path / "cases.csv", index=False)
    for run, films in (("few", 9), ("phantom-unet-s0", 0), ("aasce-unet", 0)):
        (tmp_path / "runs" / run).mkdir(parents=True)
        given = {"variant": "full", "train_films": films}
        (tmp_path / "runs" / run / "run.json").write_text(json.dumps({"parameters": given}))
    found = unseen.unseen_sources(tmp_path)
    line = found.iloc[0]
    assert len(found) == 1
    assert (line["trained_on"], line["beside"]) == ("aasce", "unet/full")
    assert line["loss"] == pytest.approx(line["own"] - line["mean"])
    assert unseen.unseen_views(tmp_path).empty
