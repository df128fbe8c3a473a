"""Seg4Reg+: what each network sees, where gradients go, every term by hand, and that its angles can be learnt."""

import pytest
import torch

from spinelib.core.errors import BadInput
from spinelib.models import METHODS, build_model
from spinelib.models.seg4reg_objective import JointObjective, regression
from spinelib.models.seg4reg_plus import as_image, foreground
from spinelib.training.losses import weighted_heads

UNKNOWN = float("nan")


def build(variant="full", **options):
    return build_model("seg4regplus", variant, width=0.125, **options)


def films(count=2, height=64, width=32, channels=1):
    return torch.randn(count, channels, height, width, generator=torch.Generator().manual_seed(1))


def masks(count=2, height=64, width=32):
    found = torch.zeros(count, height, width, dtype=torch.uint8)
    found[:, 5:60, 12:20] = 1
    return found


def aim(**terms):
    """The objective with these weights alone."""
    return JointObjective(weighted_heads, build(inputs="both", **{"warmup": 0.2, **terms}))


def moved(part, loss):
    """Whether a loss has a gradient into a part of the network."""
    part.zero_grad()
    loss.backward(retain_graph=True)
    return any(p.grad is not None and bool(p.grad.abs().sum() > 0) for p in part.parameters())


def test_it_answers_like_any_network_and_with_masks_like_two():
    model, x = build(), films(height=45, width=38)
    assert set(model.train()(x)) == {"logits"}
    joint = model(x, masks(height=45, width=38))
    parts = {f"{kind}_{what}" for kind in ("angles", "cam") for what in ("image", "mask", "guess")}
    assert set(joint) == {"logits", *parts}
    assert joint["logits"].shape == (2, 1, 45, 38)
    assert joint["angles_guess"].shape == (2, 3)
    assert joint["cam_mask"].shape == (2, 1, 2, 2)
    with torch.no_grad():
        assert model.eval()(x).shape == (2, 1, 45, 38)
        assert set(model(x, masks(height=45, width=38))) == {*joint, "angles"}


@pytest.mark.parametrize(
    ("variant", "training", "route"),
    [
        ("full", {"image", "mask", "guess"}, ("image", "guess")),
        ("base", {"image", "mask"}, ("image", "guess")),
        ("no_triangle", {"image", "mask"}, ("image", "guess")),
        ("seg4reg", {"mask"}, ("guess",)),
        ("mask_only", {"mask", "guess"}, ("guess",)),
        ("no_segmentation", {"image"}, ("image",)),
    ],
)
def test_what_the_regression_network_sees(variant, training, route):
    model, x, m = build(variant), films(), masks()
    seen = {name.removeprefix("angles_") for name in model.train()(x, m) if name.startswith("angles_")}
    assert seen == training
    with torch.no_grad():
        found = model.eval()(x, m)
        expected = torch.stack([found[f"angles_{name}"] for name in route]).mean(0)
        torch.testing.assert_close(found["angles"], expected)
        torch.testing.assert_close(model.angles(x), 90 * expected)
        torch.testing.assert_close(model.angles(x[1:]), 90 * expected[1:], rtol=1e-4, atol=1e-3)


def test_in_eval_mode_every_answer_is_that_of_its_own_picture():
    model, x, m = build().eval(), films(), masks()
    with torch.no_grad():
        found = model(x, m)
        for name, picture in {
            "image": x,
            "mask": as_image(m[:, None].float(), x),
            "guess": as_image(torch.sigmoid(found["logits"]), x),
        }.items():
            angles, cam = model.regressor(picture)
            torch.testing.assert_close(found[f"angles_{name}"], angles)
            torch.testing.assert_close(found[f"cam_{name}"], cam, atol=1e-4, rtol=1e-4)


def test_masks_look_like_normalised_films():
    found = as_image(torch.tensor([[[[0.0, 1.0]]]]), films(channels=2))
    torch.testing.assert_close(found[0, :, 0], torch.tensor([[-1 / 3, 3.0]] * 2))
    several = torch.tensor([2.0, 0.0, 1.0]).view(1, 3, 1, 1)
    torch.testing.assert_close(foreground(several), 1 - torch.softmax(several, 1)[:, :1])


def test_one_batch_of_images_and_masks_moves_the_statistics_and_nothing_else_does():
    model = build().train()
    model(films())
    assert model.regressor.backbone.bn1.num_batches_tracked == 0
    assert model.regressor.training
    model(films(), masks())
    assert model.regressor.backbone.bn1.num_batches_tracked == 1


def test_the_gate_is_the_map_of_the_image_and_the_same_in_training_as_in_prediction():
    model, x = build().eval(), films()
    gates = []
    model.segmenter.register_forward_pre_hook(lambda module, inputs: gates.append(inputs[1]))
    model(x)
    model.train()(x, masks())
    torch.testing.assert_close(gates[0], model.eval().joint(x)["cam_image"], atol=1e-3, rtol=1e-3)
    assert gates[0].max() > 0.1
    assert build("no_gate").eval()._region(x) is None


def test_gradients_stop_where_they_should():
    model, x, m = build().train(), films(), masks()
    out = model(x, m)
    assert not moved(model.regressor, out["logits"].square().mean()), "the gate teaches no regression"
    targets = {"labels": m, "angles": torch.tensor([[0.4, 0.3, 0.1]] * 2)}
    parts = JointObjective(weighted_heads, model).parts(out, targets)
    assert moved(model.regressor, parts["attention"])
    assert not moved(model.segmenter, parts["attention"])
    assert moved(model.regressor, parts["triangle"])
    assert moved(model.segmenter, parts["triangle"])
    assert moved(model.regressor, parts["regression"])
    assert not moved(model.segmenter, parts["regression"])


def test_the_mask_s_map_teaches_the_image_s():
    cams = {f"cam_{name}": torch.rand(2, 1, 3, 2, requires_grad=True) for name in ("image", "mask")}
    parts = aim(regression=0.0, triangle=0.0).parts(cams, {})
    torch.testing.assert_close(parts["attention"], (cams["cam_image"] - cams["cam_mask"]).abs().mean())
    parts["attention"].backward()
    assert cams["cam_mask"].grad is None
    assert cams["cam_image"].grad is not None


def test_regression_by_hand():
    answers = torch.tensor([[0.5, 0.3, 0.2], [0.9, 0.9, 0.9], [0.4, 0.4, 0.1]])
    angles = torch.tensor([[0.4, 0.3, 0.4], [0.5, UNKNOWN, 0.5], [0.3, 0.3, 0.3]])
    plain = ((0.1 + 0 + 0.2) / 3 + (0.1 + 0.1 + 0.2) / 3) / 2
    shares = (0.3 / 2.1 + 0.4 / 1.8) / 2
    assert regression(answers, angles, 0.0).item() == pytest.approx(plain)
    assert regression(answers, angles, 0.1).item() == pytest.approx(plain + 0.1 * shares)


def test_films_without_angles_have_a_finite_loss_and_no_gradient():
    answers = torch.rand(2, 3, requires_grad=True)
    loss = regression(answers, torch.full((2, 3), UNKNOWN), 0.1)
    loss.backward()
    assert loss.item() == 0
    assert not answers.grad.any()


def outputs():
    """Answers that are wrong by 0.1 for the image, 0.2 for the mask, and differ by 0.3 and 0.6 from S's own."""
    parts = {"angles_image": 0.5, "angles_mask": 0.2, "angles_guess": 0.8}
    found = {name: torch.full((2, 3), value) for name, value in parts.items()}
    cams = {"cam_image": torch.full((2, 1, 2, 2), 0.7), "cam_mask": torch.full((2, 1, 2, 2), 0.2)}
    return {"logits": films(height=4, width=4), **found, **cams}


def test_terms_are_weighted_and_two_of_them_grow_in():
    targets = {"labels": masks(height=4, width=4), "angles": torch.full((2, 3), 0.4)}
    objective = aim(regression=2.0, smape=0.0, attention=0.5, triangle=0.25)
    parts = objective.parts(outputs(), targets)
    assert {name: round(value.item(), 5) for name, value in parts.items()} == {
        "regression": 0.15,
        "attention": 0.5,
        "triangle": 0.9,
    }
    outline = weighted_heads(outputs()["logits"], targets["labels"])
    for done, grown in ((0.0, 0.0), (0.05, 0.25), (0.2, 1.0), (1.0, 1.0)):
        expected = outline + 2 * 0.15 + grown * (0.5 * 0.5 + 0.25 * 0.9)
        torch.testing.assert_close(objective.loss(outputs(), targets, done), expected)
    assert aim(warmup=0.0).loss(outputs(), targets, 0.0) == aim().loss(outputs(), targets, 1.0)


def test_a_term_that_is_off_is_not_computed():
    targets = {"labels": masks(height=4, width=4), "angles": torch.full((2, 3), 0.4)}
    assert not aim(regression=0.0, attention=0.0, triangle=0.0).parts(outputs(), targets)


def test_validation_counts_dice_and_degrees():
    objective = aim()
    found = {"logits": torch.where(masks()[:, None] > 0, 1.0, -1.0), "angles": torch.tensor([[0.5, 0.2, 0.1]] * 2)}
    angles = torch.tensor([[0.4, 0.3, 0.1], [UNKNOWN] * 3])
    measures = objective.measures(found, {"labels": masks(), "angles": angles})
    assert measures["dice"].tolist() == [[1.0], [1.0]]
    torch.testing.assert_close(measures["angle_error"][0], torch.tensor([9.0, 9.0, 0.0]))
    assert measures["angle_error"][1].isnan().all()
    assert objective.score({"dice": 0.9, "angle_error": 5.0}) == pytest.approx(0.85)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"inputs": "image"}, "attention of Seg4Reg+"),
        ({"inputs": "image", "attention": 0, "gate": False}, "triangle of Seg4Reg+"),
        ({"inputs": "mask", "attention": 0}, "gate of Seg4Reg+"),
        ({"inputs": "masks"}, "Did you mean mask"),
        ({"encoder": "resnet50"}, "resnet34|resnet18"),
        ({"stride": 8}, "stride"),
        ({"triangle": -1.0}, "triangle of Seg4Reg+: cannot be -1"),
        ({"warmup": 2.0}, "warmup of Seg4Reg+: cannot be 2"),
        ({"encoder_weights": "none.safetensors"}, "no weights here"),
    ],
)
def test_options_that_cannot_be_used_are_named(options, named):
    with pytest.raises(BadInput, match=named.replace("+", r"\+")):
        build(**options)


def test_the_angles_of_a_batch_can_be_learnt_through_both_routes():
    model, x = build().train(), films(4)
    m = masks(4)
    for i in range(4):
        x[i, 0] += 3 * m[i].roll(4 * i - 8, dims=1)
        m[i] = m[i].roll(4 * i - 8, dims=1)
    targets = {
        "labels": m,
        "angles": torch.tensor([[0.1, 0.1, 0.0], [0.3, 0.2, 0.1], [0.5, 0.3, 0.2], [0.6, 0.5, 0.3]]),
    }
    objective = METHODS["seg4regplus"].make_objective(model)
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    for step in range(60):
        loss = objective.loss(objective.run(model, x, targets), targets, step / 60)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        found = model.eval()(x, m)
    for name in ("angles_image", "angles_guess", "angles"):
        assert 90 * (found[name] - targets["angles"]).abs().mean() < 5, name
