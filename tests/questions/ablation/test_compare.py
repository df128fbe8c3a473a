"""Who is compared with whom, and whose verdict a comparison has."""

import pytest

from spinelib.literature import claims
from spinelib.questions.compare import study_contrasts


def pairs(*names):
    return [["r2mfnet/full", f"r2mfnet/{name}"] for name in names]


def test_a_named_comparison_is_the_row_of_the_family_and_no_other_has_a_verdict(study):
    study.twice("full", 0.80).twice("no_r2jump", 0.77).twice("no_mcskip", 0.8).twice("no_scse", 0.7)
    named = [*pairs("no_r2jump", "no_mcskip"), ["r2mfnet/full", "unet/full"], ["unet/full", "plunet/full"]]
    table, family = study.effects(named), study_contrasts(study.cases, named)
    jump = family[(family["other"] == "r2mfnet/no_r2jump") & (family["kind"] == "difference")].iloc[0]
    for name in ("mean", "low", "high", "p", "p_holm", "verdict", "n", "seeds"):
        assert table.loc["R2-Jump", name] == jump[name]
    assert table["named"].to_dict() == {"R2-Jump": True, "MC-Skip": True, "SCSE-Lite": False}
    assert table.loc["SCSE-Lite", "verdict"] == "not named"
    assert table["p_holm"].notna().sum() == 2


def test_variants_trained_otherwise_are_left_out_and_said(study):
    study.add("full", 0.80).add("no_r2jump", 0.77, steps=50)
    study.add("no_scse", 0.77, pretrained="x").add("base", 0.7, train_films=30)
    table = study.effects()
    assert len(table) == 0
    assert table.attrs["left out"] == ["R2MF-Net, R2-Jump: not trained alike, steps 100 and 50"]


def test_one_training_on_a_side_has_no_verdict(study):
    study.twice("full", 0.80).add("no_r2jump", 0.77)
    row = study.effects(pairs("no_r2jump")).loc["R2-Jump"]
    assert (row["seeds"], row["verdict"]) == (1, "one training")
    assert row["mean"] == pytest.approx(0.03, abs=0.003)


def test_the_papers_number_stands_beside_and_is_called_not_comparable(study):
    for variant, level in (("base", 0.7), ("aspp", 0.75)):
        study.add(variant, level, method="safnet")
    row = study.effects().loc["ASPP"]
    known = claims.read_claims().set_index("id")
    assert row["published"] == pytest.approx(known.loc["safnet-part-aspp", "published"]) == pytest.approx(0.0397)
    assert "The paper prints +0.0397, on other data: not comparable." in row["sentence"]
