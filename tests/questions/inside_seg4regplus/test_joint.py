"""What is read off Seg4Reg+: every answer is that of its own picture, and each number can be worked out by hand."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from spinelib import protocol
from spinelib.measures.cobb.table import answer_rows, cobb_rows, true_angles
from spinelib.models.seg4reg_input import as_image
from spinelib.protocol.evaluation import Result, Scored
from spinelib.questions import inside_seg4regplus
from spinelib.questions.inside_seg4regplus.joint import Look
from tests.measures.cobb.spines import c_curve, mask_of
from tests.protocol.made import a_run, arrays

ANGLES = (10, 50, 30, 20, 40, 60)


@pytest.fixture(scope="module")
def films():
    """Six C-shaped spines on 256 x 128, the first two of them tests."""
    corners = np.stack([c_curve(angle) for angle in ANGLES])
    labels = np.stack([mask_of(own) for own in corners])
    images = (40 + 150 * labels[:, None]).astype(np.uint8)
    made = arrays(patients=6, views=("coronal",), tests=2, h=256, w=128)
    return replace(made, images=images, labels=labels, landmarks=corners.astype(np.float32))


def run_of(folder, variant="full", **more):
    return a_run(folder, method="seg4regplus", variant=variant, width=0.0625, grid=[256, 128], **more)


@pytest.fixture
def network(films, tmp_path):
    return protocol.model(run_of(tmp_path), films)


def a_look(image, mask, guess, truth, terms, on_spine=1.0):
    angles = {name: np.full((2, 3), float(v)) for name, v in {"image": image, "mask": mask, "guess": guess}.items()}
    maps = {"image": np.full((2, 1, 1), 0.5), "mask": np.full((2, 1, 1), 0.2), "guess": np.zeros((2, 1, 1))}
    shares = {name: np.array([np.nan, on_spine]) for name in angles}
    return Look(angles, maps, np.array([[truth] * 3, [np.nan] * 3], float), terms, shares)


def test_films_are_spread_over_the_angles_and_unknown_ones_come_last(films):
    assert inside_seg4regplus.by_angle(films, np.arange(2, 6), 3).tolist() == [3, 4, 5]
    assert inside_seg4regplus.by_angle(films, np.arange(6), 9).tolist() == [0, 3, 2, 4, 1, 5]
    blank = films.landmarks.copy()
    blank[3] = np.nan
    assert inside_seg4regplus.by_angle(replace(films, landmarks=blank), np.arange(2, 6), 9).tolist() == [2, 4, 5]
    none = replace(films, landmarks=np.full_like(blank, np.nan))
    assert inside_seg4regplus.by_angle(none, np.arange(2, 6), 2).tolist() == [2, 5]


def test_the_start_has_answers_and_changes_neither_network_nor_random_numbers(films, network, tmp_path):
    run, before = run_of(tmp_path), {name: value.clone() for name, value in network.state_dict().items()}
    state = torch.random.get_rng_state()
    start = inside_seg4regplus.at_start(run, network, films, np.arange(6))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert network.training
    assert start.training
    assert {part.momentum for part in start.modules() if isinstance(part, torch.nn.BatchNorm2d)} == {0.1}
    assert all(torch.equal(a, b) for a, b in zip(start.parameters(), network.parameters(), strict=True))
    answers = inside_seg4regplus.look(run, start, films, np.arange(6)).angles["image"]
    assert answers.min() > 1
    assert answers.max() < 89


def test_a_look_holds_the_answers_of_each_picture(films, network, tmp_path):
    run, index = run_of(tmp_path), np.arange(6)
    start = inside_seg4regplus.at_start(run, network, films, index)
    seen = inside_seg4regplus.look(run, start, films, index[2:5])
    np.testing.assert_allclose(seen.truth[:, 0], [30, 20, 40], atol=0.1)
    shown = inside_seg4regplus.pictures(run, start, films, index[2:5])
    assert torch.equal(shown["image"], protocol.inputs(run, films, index[2:5]))
    labels = torch.from_numpy(films.labels[2:5].astype(np.float32))[:, None]
    torch.testing.assert_close(shown["mask"], as_image(labels, shown["image"]))
    with torch.no_grad():
        for name, picture in shown.items():
            angles, cam = start.eval().regressor(picture)
            np.testing.assert_allclose(seen.angles[name], 90 * angles.numpy(), rtol=1e-3)
            np.testing.assert_allclose(seen.maps[name], cam[:, 0].numpy(), atol=1e-3)
    assert seen.maps["guess"].shape == (3, 8, 4)
    edges = [np.abs(seen.angles[name] - seen.angles["guess"]).mean() / 90 for name in ("image", "mask")]
    assert seen.terms["triangle"] == pytest.approx((0.1, sum(edges)), rel=1e-4)
    attention = np.abs(seen.maps["image"] - seen.maps["mask"]).mean()
    assert seen.terms["attention"] == pytest.approx((0.1, attention), rel=1e-4)
    assert seen.terms["segmentation"][0] == 1


def test_a_map_on_the_spine_is_told_from_one_beside_it(films):
    from spinelib.questions.inside_seg4regplus.joint import _on_spine

    even = _on_spine(torch.full((6, 1, 8, 4), 0.3), films)
    np.testing.assert_allclose(even, 1)
    assert np.isnan(_on_spine(torch.zeros(6, 1, 8, 4), films)).all()
    beside = torch.zeros(6, 1, 8, 4)
    beside[..., 0] = 1
    assert _on_spine(beside, films)[0] < 0.01
    exact = torch.from_numpy(films.labels.astype(np.float32))[:, None]
    np.testing.assert_allclose(_on_spine(exact, films), 1 / films.labels.mean((1, 2)), rtol=1e-5)


@pytest.mark.parametrize(
    ("variant", "answers", "terms", "columns"),
    [
        ("seg4reg", ["mask", "guess"], ["segmentation", "regression"], ["R(m), before", "R(m), after", "R(s), after"]),
        ("no_segmentation", ["image"], ["segmentation", "regression"], ["R(x), before", "R(x), after"]),
    ],
)
def test_a_variant_shows_what_it_has(films, tmp_path, variant, answers, terms, columns):
    run = run_of(tmp_path, variant)
    model = protocol.model(run, films)
    seen = inside_seg4regplus.look(
        run, inside_seg4regplus.at_start(run, model, films, np.arange(4)), films, np.arange(4)
    )
    assert list(seen.angles) == list(seen.maps) == list(seen.on_spine) == answers
    assert list(seen.terms) == terms
    assert list(inside_seg4regplus.map_columns(seen, seen)) == columns
    assert list(inside_seg4regplus.pictures(run, model, films, np.arange(2))) == answers[:1]
    assert inside_seg4regplus.answer_shapes(seen)["map"].tolist() == ["4 x 8 x 4"] * len(answers)
    assert inside_seg4regplus.gating(model, protocol.inputs(run, films, np.arange(2))) is None


def test_consistency_and_loss_by_hand():
    before = a_look(20, 26, 21, 30, {"segmentation": (1.0, 2.0), "triangle": (0.1, 0.5)})
    after = a_look(28, 29, 32, 30, {"segmentation": (1.0, 0.5), "triangle": (0.1, 0.2)}, on_spine=1.5)
    found = inside_seg4regplus.consistency(before, after)
    less = "\N{MINUS SIGN}"
    assert found.loc[f"|R(x) {less} R(m)|, degrees"].tolist() == [6, 1]
    assert found.loc[f"|R(x) {less} R(s)|, degrees"].tolist() == [1, 4]
    assert found.loc[f"|R(s) {less} truth|, degrees"].tolist() == [9, 2]
    assert found.loc[f"|CAM R(x) {less} CAM R(m)|", "after"] == pytest.approx(0.3)
    assert found.loc["CAM R(x), spine : film"].tolist() == [1, 1.5]
    terms = inside_seg4regplus.loss_terms(before, after)
    assert terms.loc["triangle"].tolist() == pytest.approx([0.1, 0.5, 0.2, 0.02])


@pytest.mark.parametrize("variant", ["full", "pspnet"])
def test_the_gate_raises_features_and_can_be_taken_away(films, tmp_path, variant):
    run = run_of(tmp_path, variant)
    model = inside_seg4regplus.at_start(run, protocol.model(run, films), films, np.arange(6))
    inputs = protocol.inputs(run, films, np.arange(2))
    found = inside_seg4regplus.gating(model, inputs)
    assert model.gate
    assert found.before.shape == found.behind.shape
    assert found.before.max() > 0
    ratio = found.behind[found.before > 1e-3] / found.before[found.before > 1e-3]
    assert ratio.min() >= 0.999
    assert ratio.max() <= 1 + found.gate.max() + 1e-3
    with torch.no_grad():
        chances = torch.sigmoid(model.eval()(inputs))[:, 0].numpy()
        bare = torch.sigmoid(model.segmenter(inputs))[:, 0].numpy()
    np.testing.assert_allclose(found.probabilities["with"], chances, atol=1e-5)
    np.testing.assert_allclose(found.probabilities["without"], bare, atol=1e-5)
    assert not np.allclose(chances, bare)


def test_both_routes_are_compared_on_the_same_test_films(films):
    tests = films.subset([0, 1])
    answers = true_angles(tests).astype(np.float32) + 6
    masks = tests.labels.copy()
    masks[1] = 0
    rows = pd.concat([cobb_rows(masks, tests), answer_rows(answers, tests)]).assign(dataset="a")
    other = cobb_rows(films.labels[2:], films.subset([2, 3, 4, 5])).assign(dataset="a")
    table = inside_seg4regplus.route_table(pd.concat([rows, other])).set_index("route")
    assert table.loc["mask", ["films", "without angles"]].tolist() == ["2", "1"]
    assert table.loc["network", ["films", "without angles"]].tolist() == ["2", "0"]
    assert table.loc["network", ["cobb_error", "angle_mae"]].tolist() == ["6.00", "6.00"]
    by_case = rows[rows["metric"] == "cobb_error"].groupby("structure")["value"].mean()
    difference = f"{6 - by_case['spine']:+.2f}".replace("-", "\N{MINUS SIGN}")
    assert table.loc["network \N{MINUS SIGN} mask", "cobb_error"].startswith(difference)

    names = tests.table["case"].tolist()
    scored = Scored(rows, {"a": Result(tests.images, tests.labels, masks, np.ones(2), names, answers)})
    run = SimpleNamespace(parameters={"trained_on": "a"})
    found = inside_seg4regplus.two_routes(run, {"a": films}, scored)
    assert found["route"].tolist() == ["mask", "mask", "network", "network"]
    np.testing.assert_allclose(found[found["route"] == "network"]["an1"], answers[:, 0])
    np.testing.assert_allclose(found["true_an1"], [10, 50, 10, 50], atol=0.1)
    read = found[found["route"] == "mask"]["an1"].to_numpy()
    assert read[0] == pytest.approx(10, abs=3)
    assert read[1] == 0


def test_a_broken_answer_counts_as_straight_and_development_films_not_at_all(films):
    test = films.subset([0])
    names, broken = test.table["case"].tolist(), np.full((1, 3), np.nan)
    scored = Scored(pd.DataFrame(), {"a": Result(test.images, test.labels, test.labels, np.ones(1), names, broken)})
    run = SimpleNamespace(parameters={"trained_on": "other", "development": [films.table["case"].iloc[1]]})
    found = inside_seg4regplus.two_routes(run, {"a": films}, scored).set_index("route")
    assert found["case"].tolist() == names * 2
    assert found.loc["network", ["an1", "an2", "an3"]].tolist() == [0, 0, 0]
    assert found.loc["mask", "an1"] == pytest.approx(10, abs=3)


def test_data_without_corners_have_no_routes(films):
    bare = replace(films, landmarks=np.zeros((6, 0, 4, 2), np.float32))
    result = Result(bare.images[:2], bare.labels[:2], bare.labels[:2], np.ones(2), bare.table["case"][:2].tolist())
    run = SimpleNamespace(parameters={"trained_on": "a"})
    assert inside_seg4regplus.two_routes(run, {"a": bare}, Scored(pd.DataFrame(), {"a": result})).empty
