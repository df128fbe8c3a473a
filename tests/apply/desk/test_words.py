"""What is said of a film beside it."""

from spinelib.apply.desk.correction import Correction
from spinelib.apply.desk.words import fact_lines

ROW = {"status": "doubtful", "reason": "few vertebrae", "confidence": 0.4567, "network": "film", "remark": float("nan")}


def test_angles_end_vertebrae_and_what_the_table_says(seen):
    lines = dict(fact_lines(Correction(seen), ROW))
    assert lines["Largest angle"] == "T1 to L5"
    assert lines["Read from"] == "the vertebrae"
    assert (lines["Confidence"], lines["Status"], lines["Why"]) == ("0.46", "doubtful", "few vertebrae")
    assert lines["Network"] == "film"
    assert "Film" not in lines


def test_of_corrected_corners_nothing_is_said_that_the_network_meant(seen):
    now = Correction(seen)
    now.remove(16)
    lines = dict(fact_lines(now, ROW))
    assert lines["Largest angle"].startswith("vertebra 1 to vertebra ")
    assert lines["Read from"] == "corners set by hand"
    assert "16 vertebrae" in lines["Remark"]
    assert not {"Confidence", "Status", "Why", "Network"} & set(lines)
    now = Correction(seen)
    now.read_at(0.7)
    assert not {"Confidence", "Status"} & set(dict(fact_lines(now, ROW)))


def test_without_a_table_there_are_no_empty_lines(seen):
    assert all(value for _, value in fact_lines(Correction(seen), {"confidence": float("nan"), "status": ""}))
