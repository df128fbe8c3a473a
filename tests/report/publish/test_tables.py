"""Tables as published: rounded, and none with a row for each foreign case."""

import json

import matplotlib

from spinelib.report.publish.tables import compact, per_case

matplotlib.use("agg")


def test_tables_are_rounded_and_those_of_foreign_cases_left_out(published):
    folder, said = published["f"]
    assert not (folder / "questions/90_q/each.csv").exists()
    assert "questions/90_q/each.csv" in said
    assert (published["m"][0] / "questions/90_q/each.csv").read_text() == "case,value\na,1\n"
    assert (folder / "questions/90_q/means.csv").read_text() == "name,mean\nfilm 1.123456789 b,0.123457\n"
    assert not (folder / "questions/90_q/summary.csv").exists()
    assert (folder / "history.csv").read_text().splitlines()[:2] == ["run,epoch,loss", "p-unet-full-s0-f0,1,0.123457"]
    row = (folder / "runs.csv").read_text().splitlines()[1]
    assert row.startswith("p-unet-full-s0-f0,finished,")
    assert set(json.loads((folder / "runs.json").read_text())) == {
        "questions/90_q",
        "runs/p-unet-full-s0-f0",
        "runs/p-unet-full-s1-f0",
    }


def test_tables_are_told_apart_by_their_columns():
    assert per_case("name,case\n")
    assert not per_case("method,mean\n")
    assert not per_case("")
    assert compact("a,b\n0.1234567,-12.123456789e-7\n1234567,0.5\n") == "a,b\n0.123457,-1.21235e-06\n1234567,0.5\n"
