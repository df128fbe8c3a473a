"""The objective of Seg4Reg+: every term by hand, and how two of them grow in."""

import pytest
import torch

from spinelib.models import build_model
from spinelib.models.seg4reg_objective import JointObjective, regression
from spinelib.training.losses import weighted_heads

from .made import films, masks

UNKNOWN = float("nan")


def build(variant="full", **options):
    return build_model("seg4regplus", variant, width=0.125, **options)


def aim(**terms):
    """The objective with these weights alone."""
    return JointObjective(weighted_heads, build(inputs="both", **{"warmup": 0.2, **terms}))


def outputs():
    """Answers that are wrong by 0.1 for the image, 0.2 for the mask, and differ by 0.3 and 0.6 from S's own."""
    parts = {"angles_image": 0.5, "angles_mask": 0.2, "angles_guess": 0.8}
    found = {name: torch.full((2, 3), value) for name, value in parts.items()}
    cams = {"cam_image": torch.full((2, 1, 2, 2), 0.7), "cam_mask": torch.full((2, 1, 2, 2), 0.2)}
    return {"logits": films(height=4, width=4), **found, **cams}


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
