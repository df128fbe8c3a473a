"""What is lost with fewer training films."""

import json

import matplotlib.pyplot as plt
import pytest

from spinelib.questions.learning import amount_figures
from spinelib.questions.learning.films import film_amounts, film_gains, film_losses
from spinelib.statistics.comparison import leaderboard, summarise
from tests.questions.learning.made import cases, row


def test_what_fewer_films_lose(tmp_path):
    rows = []
    for films, value in ((8, 0.6), (16, 0.79), (32, 0.8)):
        variant = "full" if films == 32 else f"full_films{films}"
        rows += [row("unet", p, value + d, variant=variant) for p, d in (("a", 0.1), ("b", -0.1), ("c", 0.0))]
        folder = tmp_path / "runs" / f"unet-{variant}"
        folder.mkdir(parents=True)
        training = {"steps": 80, "epochs": 80 * 4 / films}
        given = {"method": "unet", "variant": "full", "width": 1.0, "trained_on": "phantom"}
        record = {"parameters": given, "facts": {"training": training, "recipe": {"batch": 4}}}
        (folder / "run.json").write_text(json.dumps(record))
    table = film_amounts(tmp_path, cases(rows), "phantom")
    assert table["training films"].tolist() == [8, 16, 32]
    assert table["value"].tolist() == pytest.approx([0.6, 0.79, 0.8])
    found = film_losses(table, cases(rows), "phantom")
    # Patients differ by 0.1, but all of them lose the same.
    assert found[["lost", "low", "high"]].to_numpy().ravel().tolist() == pytest.approx([0.2] * 3 + [0.01] * 3)
    assert found["enough"].tolist() == [False, True]
    assert found["share"].tolist() == [0.25, 0.5]
    gains = film_gains(table, cases(rows), "phantom")
    assert gains[["from", "to"]].to_numpy().tolist() == [[8, 16], [16, 32]]
    assert gains[["gained", "low", "high"]].to_numpy().ravel().tolist() == pytest.approx([0.19] * 3 + [0.01] * 3)
    assert gains["per ten films"].tolist() == pytest.approx([0.19 / 0.8, 0.01 / 1.6])
    plt.close(amount_figures.film_amount_lines(table, "Dice"))
    figure = amount_figures.film_amount_lines(table.replace({"training films": {8: 0}}), "Dice")
    axis = figure.axes[0]
    assert [text.get_text() for text in axis.get_xticklabels()] == ["0", "16", "32"]
    assert axis.get_xlim()[0] < 0  # no film is an amount, too
    plt.close(figure)
    alone = cases([r for r in rows if r["variant"] == "full"])
    assert film_amounts(tmp_path, alone, "phantom").empty


def test_the_interval_of_an_amount_is_that_of_the_board(tmp_path):
    rows = []
    for films in (8, 16):
        variant = "full" if films == 16 else "full_films8"
        rows += [row("unet", f"p{k}", 0.8 + k / 100, variant=variant) for k in range(7)]
        # One film of eight was missed by the network that saw fewer films.
        lost = {"value": 0.0, "status": "empty_prediction"} if films == 8 else {"value": 0.8}
        rows.append(row("unet", "p7", **lost, variant=variant))
        folder = tmp_path / "runs" / f"unet-{variant}"
        folder.mkdir(parents=True)
        given = {"method": "unet", "variant": "full", "width": 1.0, "trained_on": "phantom"}
        facts = {"training": {"steps": 80, "epochs": 80 * 4 / films}, "recipe": {"batch": 4}}
        (folder / "run.json").write_text(json.dumps({"parameters": given, "facts": facts}))
    table = film_amounts(tmp_path, cases(rows), "phantom").set_index("name")
    board = leaderboard(summarise(cases(rows)), "dice").set_index("name")
    for name in board.index:
        assert table.loc[name, ["value", "low", "high"]].tolist() == board.loc[name, ["mean", "low", "high"]].tolist()
