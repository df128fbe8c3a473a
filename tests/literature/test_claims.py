"""The claims keep their contract, and every published effect is a number of the ledger or follows from such."""

import csv
import re
from fnmatch import filter as matching
from importlib import resources
from pathlib import Path

import pytest
import yaml

from spinelib.core.errors import BadInput
from spinelib.literature import claims, numbers
from spinelib.models import METHODS
from spinelib.study.plan import read_study

STUDIES = Path(__file__).parents[2] / "studies"
# Variants of a method here that a paper calls a network of its own.
ALSO_CALLED = {
    "unet3d/mid": "unet3d/full",
    "seg4regplus/seg4reg_released": "seg4reg/full",
    "seg4regplus/densenet169_released": "seg4regplus/full",
}


def raw(name):
    with resources.files("spinelib.literature").joinpath(name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


EFFECTS = {row["id"]: row for row in raw("claims.csv") if row["published"]}


@pytest.fixture(scope="module")
def ledger():
    return numbers.ledger().set_index("id")


def entries(expression, ledger):
    """What the two sides of an effect are about: method/variant and metric of the ledger's rows."""
    found = []
    for side in expression.split(" - "):
        names = matching(ledger.index, side.removeprefix("mean(").removesuffix(")")) if "(" in side else [side]
        rows = ledger.loc[names]
        found.append(set(zip(rows["system"] + "/" + rows["variant"], rows["metric"], strict=True)))
    return found


def test_the_file_keeps_its_contract():
    table = claims.read_claims()
    assert len(table) > 100
    assert table["paper"].nunique() == 5
    assert (table["rule"] == "none").sum() < 20


def test_levels_are_printed_numbers_of_that_very_entry(ledger):
    levels = [row for row in EFFECTS.values() if row["rule"] == "level"]
    assert len(levels) == 29
    for row in levels:
        number = ledger.loc[row["published"]]
        assert (number["over"], number["follows"]) == ("", ""), row["id"]
        assert f"{number['system']}/{number['variant']}" == row["one"], row["id"]
        assert number["metric"] == row["metric"].removesuffix("_pooled").removesuffix("_identified"), row["id"]


def test_differences_are_printed_gains_or_follow_from_the_numbers_of_both_sides(ledger):
    gaps = [row for row in EFFECTS.values() if row["rule"] == "difference"]
    assert len(gaps) == 30
    for row in gaps:
        sides = [(ALSO_CALLED.get(row[name], row[name]), row["metric"]) for name in ("one", "other")]
        if " - " in row["published"]:
            assert entries(row["published"], ledger) == [{side} for side in sides], row["id"]
        else:
            gain = ledger.loc[row["published"]]
            assert (f"{gain['system']}/{gain['variant']}", gain["over"]) == (row["one"], row["other"]), row["id"]


def test_an_effect_is_derived_where_it_is_arithmetic():
    assert len(EFFECTS) == 61
    assert all((" - " in row["published"]) == (row["status"] == "derived") for row in EFFECTS.values())


def test_effects_are_worked_out():
    effect = claims.read_claims().set_index("id")["published"]
    assert effect["safnet-resunet3d"] == 0.0241  # 80.322 less 77.916, means of five folds
    assert effect["mdwc-mscaw-dice"] == 0.0237  # 88.65 less (89.86 less 3.58)
    assert effect["seg4reg-gain-smape"] == -0.32
    assert effect["mdwc-spine-dice-unet"] == 0.0358


def test_no_text_repeats_a_number_of_the_ledger():
    printed = {f"{number}" for name, number in numbers.known().items() if not name.endswith(" spread")}
    printed = {words for words in printed if re.fullmatch(r"\d+\.\d\d+", words)}
    assert {"89.86", "0.2667", "7.32"} <= printed
    texts = [(row["id"], row[name]) for row in raw("claims.csv") for name in ("statement", "source", "needs")]
    texts += [(row["id"], row[name]) for row in raw("numbers.csv") for name in ("source", "difference", "note")]
    for name, text in texts:
        assert not printed & set(re.findall(r"\d+\.\d+", text)), name


def test_texts_print_numbers_as_the_paper_does():
    text = claims.read_claims().set_index("id")
    assert text["source"]["mdwc-mscaw-dice"] == "section 3.3.3: 88.65 less 86.28 (89.86 less 3.58)"
    assert "(+0.27, +0.20, -1.45, +7.97, +0.62 points)" in text["statement"]["safnet-folds-deeplabv3_3d"]
    assert "(standard deviations 3.45 to 7.97 points)" in text["statement"]["safnet-stability-unet3d"]


def test_entries_exist_where_their_method_does():
    table = claims.read_claims()
    names = {name for name in [*table["one"], *table["other"]] if name}
    for name in names:
        method, variant = name.split("/")
        assert method not in METHODS or variant in METHODS[method].variants, name


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("rule", "maybe", "unknown rule"),
        ("id", "mdwc-spine-miou", "given twice"),
        ("needs", " ", "what it needs"),
        ("study", "quick", "no study that sets out"),
    ],
)
def test_a_broken_line_is_named(column, value, reason):
    table = claims.read_claims()
    table.loc[0, column] = value
    with pytest.raises(BadInput, match=reason):
        claims.check_claims(table, "claims.csv")


def test_an_effect_that_names_no_number_is_refused():
    table = claims.read_claims().assign(published="mdwcnet-nowhere-dice")
    with pytest.raises(BadInput, match="mdwcnet-nowhere-dice"):
        claims.with_numbers(table, "claims.csv")


@pytest.mark.parametrize(
    ("pair", "gain"), [(("aspp", "base"), 0.0397), (("base", "aspp"), -0.0397), (("aspp", "fusion"), None)]
)
def test_the_papers_own_difference_of_two_variants(pair, gain):
    found = claims.published_difference("safnet", *pair, "dice")
    assert found == gain if gain else found != found


def test_every_line_says_what_a_replication_needs_and_which_study_sets_out_for_it():
    table = claims.read_claims()
    assert (table["needs"].str.len() > 10).all()
    assert table.groupby("paper")["study"].nunique().eq(1).all()
    assert set(table["study"]) == set(claims.STUDIES)
    scored = table[~table["rule"].isin(["none", "cost"])]
    assert scored["needs"].str.contains("three seeds").all()
    # Data that are named are those of the study that sets out for it.
    for row in table.to_dict("records"):
        study = yaml.safe_load((STUDIES / f"{row['study']}.yaml").read_text(encoding="utf-8"))
        assert {*re.findall(r"\(data (\w+)\)", row["needs"])} <= set(study["data"]), row["id"]


@pytest.mark.parametrize("name", claims.STUDIES)
def test_the_study_of_a_line_runs_both_of_its_sides_and_names_the_pair(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = read_study(STUDIES / f"{name}.yaml")
    ran = {f"{job.parameters['method']}/{job.parameters['variant']}" for job in study.runs.values()}
    pairs = {frozenset(re.sub("_published|_pretrained", "", side) for side in pair) for pair in study.comparisons}
    lines = claims.read_claims()
    for row in lines[(lines["study"] == name) & (lines["rule"] != "none")].to_dict("records"):
        sides = {side for side in (row["one"], row["other"]) if side}
        assert sides <= ran, row["id"]
        assert row["rule"] not in claims.PAIRED or sides in pairs, row["id"]


def test_what_a_paper_scores_is_what_is_tested():
    lines = claims.read_claims().set_index("id")
    own = lines[lines["study"] == "safnet_paper"]
    scored = own[own["rule"] != "none"]
    assert set(scored["structure"]) == {"seventeen", "each", "S"}, "17 structures, not the 19 of the data"
    assert lines.loc["mdwc-mscaw-dice", "other"] == "unet/full", "the base row of Table 3 is U-Net"
    pooled = lines[lines["rule"].eq("level") & lines["one"].eq("spinefm/full")]
    assert pooled["metric"].str.endswith("_pooled").all()
    assert set(lines.loc[lines["metric"] == "train_seconds", "other"]) == {
        f"{rival}/full"
        for rival in ("fcn8s", "deeplabv3plus", "pspnet", "unet", "resunet", "attention_unet", "transunet", "plunet")
    }


def test_both_sides_of_a_pair_share_recipe_and_width_and_seg4reg_its_regressor():
    lines = claims.read_claims().set_index("id")
    paired = lines[lines["rule"].isin(claims.PAIRED)]
    assert all({"recipe", "width"} <= set(shared.split(";")) for shared in paired["alike"])
    assert {"regressor", "own_grid"} <= set(lines.loc["seg4reg-gain-smape", "alike"].split(";"))


def test_a_level_is_contradicted_from_the_worse_side_and_says_its_margin():
    lines = claims.read_claims()
    for row in lines[lines["rule"] == "level"].to_dict("records"):
        assert f"worse side of the published value by more than {row['margin']:g}" in row["contradicts"], row["id"]


def test_the_table_of_safnet_speaks_against_its_hardest_fold():
    text = claims.read_claims().set_index("id").loc["safnet-hardest-fold", "statement"]
    first, second = map(float, re.findall(r"\d+\.\d+", text))
    assert first > second


def test_spinefm_is_judged_by_what_its_rivals_have_on_films_of_levels():
    table = claims.read_claims()
    own = table[(table["one"] == "spinefm/full") & (table["rule"] != "none")]
    assert set(own["structure"]) == {"vertebrae"}
