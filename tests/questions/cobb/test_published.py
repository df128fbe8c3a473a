"""Published errors of Cobb angles beside ours."""

from spinelib.questions import cobb


def test_published_values_stand_beside_ours_with_reasons(one, results):
    board = cobb.angle_boards(one.rows)["all"]
    folder = results / "data" / "real"
    assert cobb.published_angles(board, folder).empty
    (folder / "options.json").write_text('{"dataset": "aasce"}')
    held = board.assign(smape_low=7.5, smape_high=8.0)
    table = cobb.published_angles(held, folder)
    (folder / "options.json").unlink()
    line = table[(table["system"] == "seg4reg/full") & (table["published"] == 7.64)].iloc[0]
    assert line["held by"].startswith("3 of 3: ")
    assert line["comparable"].startswith("no: other films: 7 of 609; its 128 validation films")
    assert line["our best, network"].endswith("seg4regplus/full")
    hidden = table[table["published"] == 21.71].iloc[0]
    assert hidden["held by"] == "0 of 3"
    assert "hidden" in hidden["comparable"]
    assert len(table) == len(table.drop_duplicates(["system", "on", "error"]))
