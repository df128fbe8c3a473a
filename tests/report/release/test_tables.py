import json

import pandas as pd
import pytest

from spinelib.core.errors import BadInput
from spinelib.report.release.tables import growth_rows, score_rows


def summary(folder, rows):
    folder.mkdir(parents=True, exist_ok=True)
    usual = {"study": folder.name, "split": "test", "view": "all", "near_duplicate": "all", "structure": "spine"}
    usual |= {"method": "released", "metric": "dice", "unit": "1", "dataset": "aasce", "low": 0.1, "high": 0.9}
    pd.DataFrame([{**usual, "n": 5, "missing": 0, **row} for row in rows]).to_csv(folder / "summary.csv", index=False)
    return folder


def test_scores_are_those_of_the_entry_and_of_what_a_card_shows(tmp_path):
    rows = [
        {"variant": "film", "mean": 0.5},
        {"variant": "film", "mean": 0.4, "metric": "precision"},
        {"variant": "mr", "mean": 0.3},
        {"variant": "film", "mean": 0.2, "method": "unet"},
        {"variant": "film", "mean": 3.0, "metric": "cobb_error", "unit": "deg"},
    ]
    found = score_rows([summary(tmp_path / "released", rows)], ["film"])
    assert found[["metric", "mean"]].to_numpy().tolist() == [["dice", 0.5], ["cobb_error", 3.0]]
    with pytest.raises(BadInput, match="no scores of released/lateral"):
        score_rows([tmp_path / "released"], ["lateral"])
    with pytest.raises(BadInput, match="is not there"):
        score_rows([tmp_path / "other"], ["film"])


def test_the_curve_is_ordered_by_what_each_stretch_had_seen(tmp_path):
    study = summary(tmp_path / "curve", [{"variant": f"film_{k}", "mean": k / 10} for k in (3, 1, 2)])
    table = pd.read_csv(study / "summary.csv")
    pd.concat([table, table.assign(view="coronal", dataset="one view"), table.assign(view="coronal")]).to_csv(
        study / "summary.csv", index=False
    )
    with pytest.raises(BadInput, match="has scored no stretch"):
        growth_rows(study, "film")
    for k in (1, 2, 3):
        run = study / "runs" / f"run-{k}"
        run.mkdir(parents=True)
        record = {
            "status": "finished",
            "parameters": {"variant": f"film_{k}"},
            "facts": {"released": {"cases": 100 * k}},
        }
        (run / "run.json").write_text(json.dumps(record), encoding="utf-8")
    found = growth_rows(study, "film")
    with pytest.raises(BadInput, match="has scored no stretch of mr"):
        growth_rows(study, "mr")
    for dataset in ("aasce", "one view"):
        one = found[found["dataset"] == dataset]
        assert one[["cases", "mean"]].to_numpy().tolist() == [[100, 0.1], [200, 0.2], [300, 0.3]]
