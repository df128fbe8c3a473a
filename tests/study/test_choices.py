"""What a run's method has not is told when the study is read, with the run it stands in."""

from pathlib import Path

import pytest
import yaml

from spinelib.core.errors import BadInput
from spinelib.study import read_study
from spinelib.study.choices import check_choices, check_unit

FILE = Path("s.yaml")
USUAL = {"method": "r2mfnet", "variant": "full", "recipe": "common", "options": []}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"variant": "no_skip"}, r"run 1: r2mfnet has no variant 'no_skip'. Did you mean 'no_mcskip'"),
        ({"recipe": "published"}, r"run 1: r2mfnet has no recipe called 'published'. Use common"),
        (
            {"method": "spinefm", "recipe": "shortened"},
            "spinefm has no recipe called 'shortened'. Use common or published",
        ),
        ({"method": "nnunet", "recipe": "published"}, "nnunet has no recipe"),
        ({"options": ["stepss=3"]}, r"run 1: options: 'stepss' is no option of r2mfnet. Did you mean 'steps'"),
        ({"options": ["steps"]}, "options: 'steps' is no option. Write 'name=value'"),
        ({"options": ["in_channels=3"]}, "'in_channels' is no option of r2mfnet"),
        ({"method": "spinefm", "options": ["gap=1"]}, "run 1: gap: is not a known option of spinefm"),
        ({"method": "spinefm", "options": ["gap_ratio=wide"]}, "options: gap_ratio: 'wide' is no float"),
        ({"method": "unet", "options": ["encoder=resnet18", "encoder=resnet34"]}, "'encoder' is given twice"),
    ],
)
def test_what_a_method_has_not_is_named_with_the_run(change, words):
    with pytest.raises(BadInput, match=words) as told:
        check_choices(FILE, "run 1", {**USUAL, **change})
    assert told.value.file == "s.yaml"


@pytest.mark.parametrize(
    "change",
    [
        {"variant": "no_mcskip", "options": ["steps=3"]},
        {"method": "unet", "recipe": "published"},
        {"method": "safnet", "recipe": "shortened"},
        {"method": "spinefm", "recipe": "published", "options": ["gap_ratio=.inf"]},
        {"method": "masks", "variant": "a_program"},
        {"method": "released", "variant": "film"},
        {"method": "nnunet", "variant": "own"},
    ],
)
def test_what_a_method_has_is_taken(change):
    check_choices(FILE, "run 1", {**USUAL, **change})


def test_a_question_in_a_unit_that_its_metric_is_not_given_in_is_refused():
    check_unit(FILE, "question 1", {"metric": "dice", "unit": "1"})
    check_unit(FILE, "question 1", {"metric": "hd95"})
    with pytest.raises(BadInput, match=r"question 1: there is no 'hd95' in the unit '1'. Its units:"):
        check_unit(FILE, "question 1", {"metric": "hd95", "unit": "1"})


STUDY = {
    "title": "T",
    "grid": [64, 32],
    "data": {"phantom": {"dataset": "phantom", "patients": 4}},
    "runs": [{"notebook": "10_r2mfnet", "method": "r2mfnet", "trained_on": "phantom"}],
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"defaults": {"precision": "float16"}}, "'float16' is not known"),
        ({"runs": [STUDY["runs"][0] | {"method": "r2mf"}]}, r"run 1\): parameter 'method': 'r2mf' is not known"),
        ({"runs": [STUDY["runs"][0] | {"variants": ["full", "fulll"]}]}, "run 1: r2mfnet has no variant 'fulll'"),
        ({"runs": [STUDY["runs"][0] | {"recipe": "publishd"}]}, "'publishd' is not known"),
        ({"runs": [STUDY["runs"][0] | {"parameters": {"epochs": "many"}}]}, "'many' is not of type int"),
        ({"runs": [STUDY["runs"][0] | {"parameters": {"epochs": 2.5}}]}, "2.5 is not of type int"),
        ({"runs": [STUDY["runs"][0] | {"parameters": {"views": "coronal"}}]}, "'coronal' is not a list"),
        ({"runs": [STUDY["runs"][0] | {"parameters": {"views": ["frontal"]}}]}, "'frontal' is not known"),
        ({"runs": [STUDY["runs"][0] | {"parameters": {"local": 1}}]}, "1 is not of type bool"),
        ({"runs": [STUDY["runs"][0] | {"parameters": {"options": ["stepss=1"]}}]}, "'stepss' is no option of r2mfnet"),
        ({"questions": [{"notebook": "35_ablation", "parameters": {"metric": "dicee"}}]}, "'dicee' is not known"),
        ({"questions": [{"notebook": "35_ablation", "parameters": {"metric": "hd95"}}]}, "no 'hd95' in the unit '1'"),
        (
            {"questions": [{"notebook": "30_robustness", "parameters": {"corruptions": ["blurr"]}}]},
            "'blurr' is not known",
        ),
    ],
)
def test_a_study_is_refused_when_it_is_read(tmp_path, change, words):
    file = tmp_path / "studies" / "t.yaml"
    file.parent.mkdir()
    file.write_text(yaml.safe_dump(STUDY | change))
    with pytest.raises(BadInput, match=words):
        read_study(file)
