"""Data and weights that a user may give, and what stands in for them."""

from pathlib import Path

import pytest

from spinelib.core.errors import BadInput
from spinelib.study.plan import read_study
from spinelib.study.standins import with_given, with_weights

FILE = Path("studies/tiny.yaml")
STUDIES = Path(__file__).parents[2] / "studies"
WEIGHTS = "$DATA/sam.pth"
GIVEN = {
    "data": {
        "spine": {"dataset": "aasce", "source": "$DATA/spine", "otherwise": "made"},
        "chest": {"dataset": "chest_xray", "source": "$DATA/chest", "otherwise": "nothing"},
        "made": {"dataset": "phantom"},
    },
    "runs": [
        {"method": "a", "trained_on": "spine", "tested_on": ["spine", "chest"]},
        {"method": "b", "trained_on": "chest"},
        {"method": "c", "trained_on": "spine", "added": ["made"]},
    ],
}


def folder(path, *names):
    for name in names:
        (path / name).mkdir(parents=True)
    return str(path)


def test_without_data_the_stand_in_takes_its_place_and_the_rest_is_left_out():
    made, notes = with_given(FILE, GIVEN, "")
    assert made["data"] == {"made": {"dataset": "phantom"}}
    assert [run["method"] for run in made["runs"]] == ["a", "c"]
    assert made["runs"][0] == {"method": "a", "trained_on": "made", "tested_on": ["made"]}
    assert notes == ["Without spine: made stands in.", "Without chest: its runs are left out."]


def test_what_is_given_is_used_and_a_stand_in_that_nobody_needs_is_left_out(tmp_path):
    made, notes = with_given(FILE, {**GIVEN, "runs": GIVEN["runs"][:2]}, folder(tmp_path, "spine", "chest"))
    assert set(made["data"]) == {"spine", "chest"}
    assert not notes
    half, notes = with_given(FILE, {**GIVEN, "runs": GIVEN["runs"][:2]}, folder(tmp_path / "half", "chest"))
    assert set(half["data"]) == {"chest", "made"}
    assert [run["trained_on"] for run in half["runs"]] == ["made", "chest"]
    assert "otherwise" not in half["data"]["chest"]
    assert notes == ["Without spine: made stands in."]


def test_a_folder_without_any_of_the_data_and_an_unknown_stand_in_are_told(tmp_path):
    with pytest.raises(BadInput, match=r"holds none of the data of tiny.*Name a folder with one of"):
        with_given(FILE, GIVEN, str(tmp_path))
    odd = {"data": {"spine": {"dataset": "aasce", "source": "$DATA", "otherwise": "maed"}, "made": {}}}
    with pytest.raises(BadInput, match=r"'otherwise: maed'.*Did you mean 'made'"):
        with_given(FILE, odd, "")


def begun(path, method="m"):
    return {
        "runs": [{"method": method, "recipe": "published", "parameters": {"checkpoint": WEIGHTS, "length": 2.0}}],
        "comparisons": [["m/full_published", "n/full_published"]],
        "folder": path,
    }


def test_weights_that_are_there_are_named_as_the_notebooks_need_them(tmp_path):
    (tmp_path / "sam.pth").touch()
    made, notes = with_weights(begun(tmp_path), str(tmp_path))
    assert made["runs"][0]["parameters"] == {"checkpoint": (tmp_path / "sam.pth").as_posix(), "length": 2.0}
    assert made["runs"][0]["recipe"] == "published"
    assert not notes


def test_a_published_recipe_without_its_weights_is_the_common_one():
    made, notes = with_weights(begun(""), "")
    assert made["runs"] == [{"method": "m", "recipe": "common", "parameters": {"length": 2.0}}]
    assert made["comparisons"] == [["m/full", "n/full"]]
    assert notes[0] == "Without sam.pth: begun from nothing, by the common recipe."


def test_both_sides_of_a_comparison_have_one_recipe_whatever_weights_there_are(tmp_path):
    given = begun("")
    given["runs"] += [
        {"method": "n", "recipe": "published"},
        {"methods": ["n", "o"], "recipe": "published", "tag": "few"},
        {"method": "p", "recipe": "published"},
    ]
    given["comparisons"] += [["p/full_published", "p/bare_published"]]
    made, notes = with_weights(given, "")
    assert [run["recipe"] for run in made["runs"]] == ["common", "common", "common", "published"]
    assert made["comparisons"] == [["m/full", "n/full"], ["p/full_published", "p/bare_published"]]
    assert notes[1:] == ["n, o: by the common recipe, too, to be compared with"]
    (tmp_path / "sam.pth").touch()
    made, notes = with_weights(given, str(tmp_path))
    assert {run["recipe"] for run in made["runs"]} == {"published"}
    assert not notes


@pytest.mark.parametrize("scale", ["", "small"])
def test_no_comparison_of_the_study_of_spinefm_crosses_recipes_without_weights(scale):
    study = read_study(STUDIES / "spinefm_paper.yaml", "", scale)
    assert {job.parameters["recipe"] for job in study.runs.values()} == {"common"}
    assert ["spinefm/full", "unet/full"] in study.comparisons
    assert not any("published" in side for pair in study.comparisons for side in pair)


def test_masks_that_are_not_there_are_not_scored_and_those_that_are_keep_their_place(tmp_path):
    given = {"runs": [{"method": "masks", "variant": "other", "parameters": {"masks": "$DATA/other"}}]}
    given["comparisons"] = [["masks/other", "unet/full"], ["unet/full", "plunet/full"]]
    for data in ("", str(tmp_path)):
        made, notes = with_weights(given, data)
        assert made["runs"] == []
        assert notes == ["Without other: its masks are not scored."]
        assert made["comparisons"] == given["comparisons"][1:]
    (tmp_path / "other").mkdir()
    made, notes = with_weights(given, str(tmp_path))
    assert made["runs"][0]["parameters"] == {"masks": (tmp_path / "other").as_posix()}
    assert made["comparisons"] == given["comparisons"]
    assert not notes


def test_the_data_that_a_user_gives_take_the_digital_patients_place(tmp_path):
    file = STUDIES / "mdwc_paper.yaml"
    given = read_study(file, folder(tmp_path, "aasce2019", "cxr_lungs"))
    assert set(given.data) == {"aasce", "chest"}
    assert {job.parameters["trained_on"] for job in given.runs.values()} == {"aasce", "chest"}
    assert given.banner.endswith("private. Without skin: its runs are left out")
    small = read_study(file, str(tmp_path), "small")
    assert {job.parameters["epochs"] for job in small.runs.values()} == {4}
    assert "epochs 4 on given data" in small.banner
    alone = read_study(file)
    assert set(alone.data) == {"phantom"}


def test_runs_that_start_from_another_of_their_kind_find_it_at_every_scale():
    for scale in ("", "small"):
        study = read_study(STUDIES / "spinefm_paper.yaml", "", scale)
        begun_later = [job for job in study.runs.values() if job.earlier]
        assert {job.parameters["variant"] for job in begun_later} == {"no_predictor", "no_post", "detector_only"}
        for job in begun_later:
            first = study.runs[job.earlier].parameters
            same = ("trained_on", "seed", "fold", "width", "recipe")
            assert first["variant"] == "full"
            assert [first[key] for key in same] == [job.parameters[key] for key in same]
