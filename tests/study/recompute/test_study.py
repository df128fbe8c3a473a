"""A publication of earlier code, recomputed: no verdict of one training is left unmarked."""

import json

import matplotlib
import pandas as pd
import pytest

from spinelib.core.errors import BadInput
from spinelib.questions.cobb.angles import REFERENCE_ENTRY
from spinelib.report.results.published import PublishedStudy
from spinelib.report.results.recomputed import recomputed
from spinelib.study.recompute.__main__ import main
from spinelib.study.recompute.study import recompute_study
from tests.study.recompute.made import film_rows

matplotlib.use("agg")
JUDGED = ("pays", "hurts", "agrees here 2.", "survives Holm", "the order holds", "others overlap")


def test_tables_answers_index_and_pages_follow_the_rules_of_today(earlier):
    tally = (earlier / "questions/70_claims/figures/tally.png").read_bytes()
    said = recompute_study(earlier)
    assert "Judged anew on " in said
    contrasts = pd.read_csv(earlier / "questions/60_significance/contrasts.csv")
    assert contrasts["verdict"].tolist() == ["one training"]
    assert not list(earlier.glob("questions/60_significance/tests_*"))
    assert (earlier / "questions/70_claims/figures/tally.png").read_bytes() != tally
    answers = (earlier / "runs.json").read_text()
    assert json.loads(answers)["questions/35_ablation"]["facts"]["verdicts"] == {"one training": 1}
    index = (earlier / "index.html").read_text()
    for word in JUDGED:
        assert word not in answers
        assert word not in index
    assert "one training 1" in index
    for page in earlier.glob("questions/*/report.html"):
        text = page.read_text()
        assert text.index('id="recomputed"') < text.index("pays</p>")
    assert recomputed(PublishedStudy(earlier))[1] in said


def test_boards_of_angles_are_computed_again_where_every_film_is_published(earlier):
    place = earlier / "questions/40_cobb"
    (place / "figures").mkdir(parents=True)
    (place / "figures/board_d.png").write_text("old")
    rows = pd.concat([film_rows("a/full", 4.0), film_rows("b/full", 2.0), film_rows(REFERENCE_ENTRY, 0.5)])
    rows.to_csv(place / "angles.csv", index=False)
    records = json.loads((earlier / "runs.json").read_text())
    records["questions/40_cobb"] = {"answer": ["old"], "code": "a", "started": "2026-01-02"}
    (earlier / "runs.json").write_text(json.dumps(records))
    assert "Computed again on " in recompute_study(earlier)
    assert pd.read_csv(place / "cobb.csv")["name"].tolist() == ["b/full", "a/full", REFERENCE_ENTRY]
    (answer,) = json.loads((earlier / "runs.json").read_text())["questions/40_cobb"]["answer"]
    assert answer.startswith("d, Cobb angles: b has the best mean SMAPE")
    assert (place / "figures/board_d.png").read_bytes().startswith(b"\x89PNG")


def test_a_second_time_changes_no_table(earlier):
    recompute_study(earlier)
    before = {path: path.read_bytes() for path in earlier.rglob("*") if path.is_file()}
    recompute_study(earlier)
    assert {path: path.read_bytes() for path in earlier.rglob("*") if path.is_file()} == before


def test_what_cannot_be_judged_without_cases_is_refused_and_left_alone(earlier, tmp_path, capsys):
    with pytest.raises(BadInput, match="not the folder of a published study"):
        recompute_study(tmp_path)
    pd.DataFrame([{"run": "a", "seed": 0}, {"run": "b", "seed": 1}]).to_csv(earlier / "runs.csv", index=False)
    before = (earlier / "index.html").read_bytes()
    assert main([str(earlier)]) == 2
    assert "several trainings" in capsys.readouterr().err
    assert (earlier / "index.html").read_bytes() == before


def test_of_what_todays_rules_have_published_the_index_alone_is_written_anew(earlier, monkeypatch, tmp_path):
    rows = pd.read_csv(earlier / "summary.csv").assign(missed=0.0)
    rows.to_csv(earlier / "summary.csv", index=False)
    facts = json.loads((earlier / "study.json").read_text())
    (earlier / "study.json").write_text(json.dumps(facts | {"banner": "At 400 steps"}))
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies" / "s.yaml").write_text("title: A study\nbanner: As its file says today.\n")
    monkeypatch.chdir(tmp_path)
    before = {path: path.read_bytes() for path in earlier.rglob("*") if path.is_file()}
    assert recompute_study(earlier).endswith("its index is written anew")
    changed = {path.name for path in earlier.rglob("*") if path.is_file() and path.read_bytes() != before[path]}
    assert changed == {"index.html", "study.json"}
    index = (earlier / "index.html").read_text()
    assert '<div class="banner" role="note">As its file says today</div>' in index
    assert "Published by earlier code" not in index
