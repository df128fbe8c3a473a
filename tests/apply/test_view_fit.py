"""The rule of views: what it is made from, and that it learns."""

import numpy as np

from spinelib.apply import view_fit
from spinelib.apply.view import read_rule


def test_a_logistic_regression_finds_the_line_between_two_clouds():
    draw = np.random.default_rng(0)
    side = np.arange(200) % 2 == 1
    features = draw.normal(0, 1, (200, 3))
    features[:, 0] += np.where(side, 2, -2)
    weights, bias = view_fit.fit_logistic(features, side, 1.0)
    assert ((features @ weights + bias > 0) == side).mean() > 0.95
    assert abs(weights[0]) > 5 * abs(weights[1:]).max()
    # At the least of its loss the slope is nothing.
    share = 1 / (1 + np.exp(-(features @ weights + bias)))
    np.testing.assert_allclose(features.T @ (share - side) + weights, 0, atol=1e-3)


def test_films_of_all_kinds_and_the_same_ones_again():
    one, other = (list(view_fit.drawn_films(4, 1)) for _ in range(2))
    assert {kind for kind, _ in one} == set(view_fit.KINDS)
    assert all(np.array_equal(a, b) for (_, a), (_, b) in zip(one, other, strict=True))
    assert all(film.std() > 1 for _, film in one)


def test_the_command_writes_a_rule_that_knows_unseen_patients(tmp_path, monkeypatch, capsys):
    small = view_fit.make_rule
    monkeypatch.setattr(view_fit, "make_rule", lambda: small(16, 4, 8))
    assert view_fit.main(["--out", str(tmp_path / "view.json")]) == 0
    rule = read_rule(tmp_path / "view.json")
    assert "wrong_of_unseen" in capsys.readouterr().out
    found = rule.made["wrong_of_unseen"]
    assert sum(count for _, count in found.values()) == 16
    # Films from the side may be taken for films from the front, and not the other way round.
    assert found["front"][0] + found["part from the front"][0] <= 1


def test_development_films_are_those_of_the_study(tmp_path):
    for name in ("sunhl-1th-02-Jan-2017-162 B AP", "another"):
        (tmp_path / f"{name}.jpg").touch()
    assert [path.stem for path in view_fit.development_films(tmp_path)] == ["sunhl-1th-02-Jan-2017-162 B AP"]
