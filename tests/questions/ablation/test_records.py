"""What the records of runs say of how each variant was trained."""

import json

from spinelib.questions.ablation.records import FULL, RUN_FACTS, run_facts, with_facts


def facts(study):
    table = run_facts(study.folder)
    assert list(table.columns) == RUN_FACTS
    return table.set_index("run")


def test_films_follow_from_steps_batch_and_epochs(study):
    study.add("full", 0.8).add("full", 0.8, train_films=30, steps=50)
    table = facts(study)
    assert table["films"].round().tolist() == [90, 30]
    assert table["steps"].tolist() == [100, 50]
    assert table["batch"].tolist() == [8, 8]


def test_a_variant_is_told_from_a_training_on_some_of_the_data(study):
    study.add("full", 0.8).add("full", 0.8, train_films=30).add("full", 0.8, views=["coronal"]).add("no_scse", 0.8)
    table = facts(study)
    assert table["arm"].tolist() == [False, True, True, False]
    # Fewer films of all views are a cut; one view alone is another question.
    assert table["cut"].tolist() == [False, True, False, False]
    assert table["only"].tolist() == [FULL, FULL, FULL, "no_scse"]
    assert table["views"].tolist() == [(), (), ("coronal",), ()]
    assert table["base"].iloc[2].endswith("_views_coronal")
    assert table["base"].iloc[3] == "no_scse"


def test_runs_of_an_earlier_plan_are_left_out(study):
    study.add("full", 0.8).add("no_scse", 0.8)
    kept, _ = facts(study).index
    (study.folder / "study.json").write_text(json.dumps({"runs": [{"id": kept}]}))
    assert facts(study).index.tolist() == [kept]


def test_every_row_of_cases_has_the_facts_of_its_run(study):
    cases = study.add("full", 0.8).add("no_scse", 0.8).cases
    found = with_facts(study.folder, cases)
    assert len(found) == len(cases)
    assert (found["base"] == found["variant"]).all()
    stranger = cases.assign(run="has no record")
    assert with_facts(study.folder, stranger).empty


def test_a_folder_without_runs_has_no_facts(tmp_path):
    assert list(run_facts(tmp_path).columns) == RUN_FACTS
    assert run_facts(tmp_path).empty
