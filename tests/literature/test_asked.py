"""An earlier ledger is told from today's by what its lines ask."""

from spinelib.literature.asked import asked_today, changed_lines
from spinelib.literature.claims import read_claims


def test_todays_ledger_asks_what_it_asks_however_it_is_worded():
    today = read_claims()
    assert asked_today(today.assign(statement="other words", margin=0.5)).all()
    assert changed_lines(today) == {"lines": len(today), "today": len(today), "gone": 0, "otherwise": 0}


def test_other_entries_structures_and_withdrawn_lines_are_none_of_todays():
    rows = read_claims().set_index("id")
    rows.loc["seg4reg-gain-smape", ["one", "other"]] = ["seg4regplus/full", "seg4regplus/seg4reg"]
    rows.loc["safnet-no-mix-up", "structure"] = "all"
    rows = rows.rename(index={"mdwc-gap": "gone"}).reset_index().head(-1)
    found = asked_today(rows)
    assert rows.loc[~found, "id"].tolist() == [
        name for name in rows["id"] if name in ("gone", "safnet-no-mix-up", "seg4reg-gain-smape")
    ]
    count = len(rows)
    assert changed_lines(rows) == {"lines": count, "today": count + 1, "gone": 1, "otherwise": 2}
