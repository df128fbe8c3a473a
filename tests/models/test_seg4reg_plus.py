"""Seg4Reg+: what each network sees, where gradients go, and that its angles can be learnt."""

import inspect
from dataclasses import replace

import pytest
import torch
import torchvision

from spinelib.core.errors import BadInput
from spinelib.models import METHODS, build_model
from spinelib.models.seg4reg_input import as_image, released_picture, zoomed
from spinelib.models.seg4reg_objective import JointObjective
from spinelib.models.seg4reg_plus import Seg4RegPlus, foreground
from spinelib.training.losses import weighted_heads

from .made import films, masks


def build(variant="full", **options):
    return build_model("seg4regplus", variant, width=0.125, **options)


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


# Seg4Reg+ and the predecessor that it is compared with.
PAIRS = [
    ("full", "seg4reg"),
    ("densenet169", "seg4reg_densenet169"),
    ("densenet169_released", "seg4reg_released"),
]


@pytest.mark.parametrize(("plus", "before"), PAIRS)
def test_a_method_and_its_predecessor_differ_in_what_the_method_adds_and_in_nothing_else(plus, before):
    signature = inspect.signature(Seg4RegPlus).parameters
    usual = {name: one.default for name, one in signature.items() if one.kind is one.KEYWORD_ONLY}
    own, theirs = (usual | dict(METHODS["seg4regplus"].variants[name]) for name in (plus, before))
    assert {name for name in usual if own[name] != theirs[name]} == {"inputs", "gate", "attention", "triangle"}
    assert (theirs["gate"], theirs["attention"], theirs["triangle"]) == (False, 0, 0)
    one, other = (build(name) for name in (plus, before))
    shapes = [{name: value.shape for name, value in model.state_dict().items()} for model in (one, other)]
    assert shapes[0] == shapes[1]
    assert type(one.regressor.backbone) is type(other.regressor.backbone)
    assert (one.terms.regression, one.terms.smape) == (other.terms.regression, other.terms.smape)


def test_without_the_challenges_error_the_angles_are_learned_by_their_difference_alone():
    full, without = (build(name).terms for name in ("full", "no_smape"))
    assert full.smape > 0
    assert replace(full, smape=0.0) == without


def test_the_released_regression_network_is_a_densenet_169_of_three_channels_that_starts_in_the_middle():
    with torch.device("meta"):
        model = build_model("seg4regplus", "seg4reg_released")
        whole = torchvision.models.densenet169(num_classes=3)
    backbone = {name: value.shape for name, value in model.regressor.backbone.state_dict().items()}
    expected = {name: value.shape for name, value in whole.state_dict().items() if not name.startswith("classifier")}
    assert backbone == expected
    small = build("seg4reg_released").eval()
    assert small.regressor.linear.bias.eq(0).all()
    x = films()
    seen = []
    small.regressor.register_forward_pre_hook(lambda module, given: seen.append(given[0]))
    with torch.no_grad():
        small.angles(x)
    assert torch.equal(seen[0], released_picture(x, None, False))
    assert len(seen) == 1, "it never reads a mask"


def test_the_released_network_s_maps_lie_where_the_film_does():
    model, x = build("densenet169_released").eval(), films(height=128, width=64)
    x[:, :, :48] = x[:, :, 80:] = 0
    with torch.no_grad():
        inner = model.regressor(model.picture(x))[1]
        found = model.joint(x)["cam_image"]
    torch.testing.assert_close(found, zoomed(inner, torch.full((2,), 0.25)))
    assert found.shape == inner.shape
    assert found[:, :, 0].eq(0).all() or inner.eq(0).all()


@pytest.mark.parametrize("released", [False, True])
def test_film_and_mask_can_be_one_picture(released):
    none = {"gate": False, "attention": 0, "triangle": 0}
    model, x, m = build(inputs="stacked", released=released, **none).train(), films(), masks()
    assert model.regressor.backbone.conv1.in_channels == (3 if released else 2)
    assert {name for name in model(x, m) if name.startswith("angles")} == {"angles_mask"}
    with torch.no_grad():
        found = model.eval()(x, m)
        expected = model.regressor(model.picture(x, torch.sigmoid(found["logits"])))[0]
    torch.testing.assert_close(found["angles"], expected)


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


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"inputs": "image"}, "attention of Seg4Reg+"),
        ({"inputs": "image", "attention": 0, "gate": False}, "triangle of Seg4Reg+"),
        ({"inputs": "mask", "attention": 0}, "gate of Seg4Reg+"),
        ({"inputs": "stacked", "attention": 0}, "gate of Seg4Reg+"),
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
