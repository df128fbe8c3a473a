"""What the other questions of a published study found, as tables and sentences."""

import json

import pytest

from spinelib.report.results import questions
from tests.report.results.made import write


def body(text):
    return text.splitlines()[2:]


@pytest.fixture
def study(tmp_path):
    pairs = [("unet/full", "blur", 0.1), ("unet/full", "inverted", 0.5), ("fcn8s/full", "blur", 0.2)]
    losses = [
        {"dataset": "d", "name": name, "condition": kind, "severity": severity, "clean": 0.8, "loss": loss, "n": 12}
        for name, kind, loss in [*pairs, ("fcn8s/full", "inverted", 0.9)]
        for severity, loss in ((1, 0.01), (3, loss))
    ]
    order = {
        "dataset": "d",
        "condition": "blur",
        "severity": 3,
        "tau": 1.0,
        "low": 0.5,
        "high": 1.0,
        "best": "unet/full",
    }
    front = [
        {"dataset": "d", "name": name, "price": "GMACs", "recipe": "common", "front": kept, "cost": cost}
        | {"score": 0.8, "low": 0.7, "high": 0.9}
        for name, cost, kept in (("unet/full", 1234.5, True), ("fcn8s/full", 3.0, True), ("pspnet/full", 1.0, False))
    ]
    training = [
        {"name": name, "width": 1.0, "started from": start, "million parameters": size}
        for name, start, size in (("unet/full", None, 7.756), ("unet/warm", "x", 1.0), ("fcn8s/full", None, 2.0))
    ]
    return write(
        tmp_path,
        questions__30_robustness__losses=losses,
        questions__30_robustness__order=[order],
        questions__31_complexity__frontier=front,
        questions__31_complexity__training=training,
    )


def test_corruptions_stand_worst_first_and_entries_most_robust_first(study):
    blur, inverted = body(questions.corruptions(study, "d"))[::-1]
    assert inverted == "| inverted greys | 70.0 |  |  |"
    assert blur.endswith("| 15.0 | 1.00 [0.50, 1.00] | U-Net |")
    assert body(questions.fragile(study, "d")) == ["| U-Net | 0.800 | 30.0 |", "| FCN-8s | 0.800 | 55.0 |"]
    assert questions.corruption_counts(study, "d") == "2 entries, 12 test patients, 2 corruptions in 2 severities"


def test_the_front_stands_cheapest_first_and_sizes_are_of_networks_from_scratch(study):
    assert body(questions.frontier_entries(study, "d", "GMACs")) == [
        "| FCN-8s | 3 | 0.800 [0.700, 0.900] |",
        "| U-Net | 1,234 | 0.800 [0.700, 0.900] |",
    ]
    assert questions.network_sizes(study) == "U-Net 7.76 and FCN-8s 2.00"
    assert questions.million(study, "fcn8s/full") == "2.00"


def test_answers_stand_by_question(study):
    leader = "d: U-Net has the best mean, 9 patients; intervals of 3 of 4 others overlap with its own."
    judged = {"questions/35_ablation": {"answer": ["R2-Jump pays."]}, "questions/90_compare": {"answer": [leader]}}
    records = {"questions/b": {"answer": ["two", "three"]}, "questions/a": {"answer": ["one"]}, "runs/r": {}}
    (study.folder / "runs.json").write_text(json.dumps(records))
    assert questions.recorded_answers(study) == "- `a`: one\n- `b`: two\n- `b`: three"
    assert questions.recorded_answers(study, "b") == "- `b`: two\n- `b`: three"
    (study.folder / "runs.json").write_text(json.dumps(judged))
    earlier = write(study.folder)
    assert questions.recorded_answers(earlier) == "- `90_compare`: d: U-Net has the best mean, 9 patients."


def test_parts_are_sentences_by_method_and_data_of_all_views_together(tmp_path):
    rows = [
        {"method": "r2mfnet", "dataset": "d", "view": view, "sentence": words, "verdict": "open"}
        for view, words in ((None, "A."), ("coronal", "no"), ("all", "B."))
    ]
    study = write(tmp_path, questions__35_ablation__parts=rows)
    assert questions.parts(study) == "- R2MF-Net on d\n  - A.\n  - B."


def test_parts_that_were_judged_by_earlier_rules_are_said_anew(tmp_path):
    row = {"method": "r2mfnet", "dataset": "d", "view": None, "sentence": "A pays.", "verdict": "pays", "part": "A"}
    row |= {"metric": "dice", "unit": "1", "mean": 0.02, "low": 0.01, "high": 0.03, "n": 9, "seeds": 1}
    study = write(tmp_path, questions__35_ablation__parts=[row | {"published": None, "p_holm": None}])
    words = "A: Dice with it less without it 0.020 [0.010, 0.030], 9 patients; this training, not this method."
    assert questions.parts(study) == f"- R2MF-Net on d\n  - {words}"


def test_films_metrics_and_names_of_structures(tmp_path):
    amount = {"family": "unet/full", "start": "from scratch", "training films": 8, "of": 32}
    metric = {"dataset": "d", "metric": "GPA", "an empty mask": 0.9, "worst entry": 0.95, "best entry": 0.97}
    error = {"dataset": "d", "name": "safnet/full", "missed": 0.5, "invented": 0.25, "misplaced": 0, "errors": 0.75}
    study = write(
        tmp_path,
        questions__32_learning__amounts=[amount | {"lost": 0.2, "low": 0.1, "high": 0.3}],
        questions__32_learning__metrics=[metric | {"order as by Dice": 1}],
        questions__32_learning__categories=[error | {"low": 0.5, "high": 1.0, "patients": 4}],
    )
    assert body(questions.amounts(study)) == ["| U-Net | from scratch | 8 of 32 | 0.200 [0.100, 0.300] |"]
    assert body(questions.metrics(study)) == ["| d | GPA | 0.900 | 0.950 | 0.970 | 1.00 |"]
    wanted = ["| SAFNet | 0.50 | 0.25 | 0.00 | 0.75 [0.50, 1.00] | 4 |"]
    assert body(questions.errors_of_names(study, "d")) == wanted
    assert body(questions.errors_of_names(study, "other")) == []


def test_places_count_methods_that_all_data_have(tmp_path):
    means = {"a": {"unet": 0.9, "fcn8s": 0.8, "plunet": 0.7}, "b": {"plunet": 0.9, "unet": 0.5}}
    rows = [
        {"data": data, "name": f"{method}/full", "recipe": "common", "mean": mean}
        for data, found in means.items()
        for method, mean in found.items()
    ]
    rows += [rows[0] | {"recipe": "published", "mean": 1.0}, rows[0] | {"name": "unet/small"}]
    agreement = {
        "one": "a",
        "other": "b",
        "methods": 2,
        "reading": "too few",
        "trainings": 2,
        "tau": -1.0,
        "low": -1.0,
        "high": 0.5,
    }
    study = write(
        tmp_path, questions__50_generalisation__standings=rows, questions__50_generalisation__agreement=[agreement]
    )
    assert questions.place_on_board(study, "a", "plunet/full") == "2 of 2"
    assert questions.place_on_board(study, "b", "plunet/full") == "1 of 2"
    words = "- a and b, 2 methods in common: too few (Kendall's tau -1.00 [-1.00, 0.50])."
    assert questions.orders(study) == words
    earlier = write(tmp_path / "earlier", questions__50_generalisation__agreement=[agreement | {"reading": "holds"}])
    assert "holds" in questions.orders(earlier)
    del agreement["trainings"]
    earlier = write(tmp_path / "before", questions__50_generalisation__agreement=[agreement])
    assert "one training a method" in questions.orders(earlier)


def test_numbers_of_the_papers_stand_beside_ours(tmp_path):
    row = {"data": "chest", "method": "mdwcnet", "variant": "full", "metric": "Dice", "per image": 0.9, "pooled": None}
    row |= {"published": 0.8532, "status": "stated", "comparable": "no: other films"}
    study = write(tmp_path, questions__50_generalisation__published=[row])
    assert body(questions.beside_papers(study)) == [
        "| chest | MDWC-Net | Dice | 0.900 | 0.8532 | stated | no: other films |"
    ]
