"""Titles and neighbours of pages."""

from spinelib.report.places import job_name, neighbours, page_title

STUDY = {"title": "A study", "linked": True, "questions": [{"id": "q"}], "runs": [{"id": "a"}, {"id": "b"}]}
GIVEN = {"method": "unet", "variant": "full", "trained_on": "d", "seed": 1, "fold": 0}


def test_a_title_names_method_and_data_of_a_run_and_the_question_of_a_question():
    assert job_name({"parameters": GIVEN}) == "U-Net on d, seed 1, fold 0"
    assert job_name({"parameters": {**GIVEN, "variant": "no_skip", "train_films": 54}}).startswith(
        "U-Net, no skip films54"
    )
    assert page_title("A heading", {"parameters": GIVEN}, STUDY) == "U-Net on d, seed 1, fold 0 · A study"
    for record in ({}, {"parameters": None}, {"parameters": {"results": "x"}}):
        assert page_title("A heading", record, STUDY) == "A heading · A study"
    assert page_title("A study", {}, STUDY) == "A study"


def test_neighbours_follow_the_plan_from_the_questions_to_the_runs(tmp_path):
    assert neighbours(tmp_path / "questions" / "q", STUDY) == [("", ""), ("a", "../../runs/a/report.html")]
    before, after = neighbours(tmp_path / "runs" / "a", STUDY)
    assert (before[1], after[1]) == ("../../questions/q/report.html", "../../runs/b/report.html")
    assert neighbours(tmp_path / "runs" / "b", STUDY)[1] == ("", "")


def test_a_page_outside_a_study_has_none(tmp_path):
    assert neighbours(tmp_path / "runs" / "elsewhere", STUDY) == []
    assert neighbours(tmp_path / "runs" / "a", {**STUDY, "linked": False}) == []
