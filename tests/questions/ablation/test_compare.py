"""Who is compared with whom, and what Holm counts."""

import pytest

from spinelib.literature import claims


def test_holm_counts_what_was_named_and_nothing_else(study):
    study.add("full", 0.80).add("no_r2jump", 0.797).add("no_mcskip", 0.8).add("no_scse", 0.8).add("base", 0.7)
    pairs = [["r2mfnet/full", f"r2mfnet/{name}"] for name in ("no_r2jump", "no_mcskip")]
    table = study.effects([*pairs, ["r2mfnet/full", "unet/full"], ["unet/full", "plunet/full"]])
    assert table["named"].to_dict()["R2-Jump"]
    assert not table["named"].to_dict()["SCSE-Lite"]
    assert table["p_holm"].notna().sum() == 2
    assert table.loc["R2-Jump", "p_holm"] == pytest.approx(min(1, 2 * table.loc["R2-Jump", "p"]))


def test_variants_trained_otherwise_are_left_out_and_said(study):
    study.add("full", 0.80).add("no_r2jump", 0.77, steps=50)
    study.add("no_mcskip", 0.77, seed=1).add("no_scse", 0.77, pretrained="x").add("base", 0.7, train_films=30)
    table = study.effects()
    assert len(table) == 0
    words = table.attrs["left out"]
    assert words == [
        "R2MF-Net, R2-Jump: not trained alike, steps 100 and 50",
        "R2MF-Net, MC-Skip: no seed and fold in common",
    ]


def test_only_seeds_that_both_have_are_compared(study):
    study.add("full", 0.80).add("full", 0.60, seed=1).add("no_r2jump", 0.77)
    row = study.effects().loc["R2-Jump"]
    assert row["seeds"] == 1
    assert row["mean"] == pytest.approx(0.03, abs=0.003)


def test_the_papers_number_stands_beside_and_is_called_not_comparable(study):
    for variant, level in (("base", 0.7), ("aspp", 0.75)):
        study.add(variant, level, method="safnet")
    row = study.effects().loc["ASPP"]
    known = claims.read_claims().set_index("id")
    assert row["published"] == pytest.approx(known.loc["safnet-part-aspp", "published"]) == pytest.approx(0.0397)
    assert "The paper prints +0.0397, on other data: not comparable." in row["sentence"]
