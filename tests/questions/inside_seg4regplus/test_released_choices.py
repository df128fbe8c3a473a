"""The table of choices against networks that are built and optimisers that are made, never against itself."""

import pytest
import torch

from spinelib.models import build_model
from spinelib.models.seg4reg_objective import regression
from spinelib.protocol.config import RunConfig
from spinelib.questions.inside_seg4regplus.released_choices import CHOICES, released_table, run_values

RUN = {"method": "seg4regplus", "variant": "full", "grid": [256, 128], "epochs": 16, "batch": 8, "learning_rate": 1e-3}
LEFT_OUT = {"adaptation", "pretrained", "segmenter"}


def config(**changes):
    return RunConfig.of(RUN | changes)


def backbone(network):
    """Its name, from the number of layers in each of its blocks."""
    dense = hasattr(network, "features")
    stages = [
        network.features.get_submodule(f"denseblock{k}") if dense else network.get_submodule(f"layer{k}")
        for k in range(1, 5)
    ]
    return {(6, 12, 32, 32): "densenet169", (3, 4, 6, 3): "resnet34"}[tuple(len(stage) for stage in stages)]


def seen(given):
    """Name of a choice to what the network of a run and its recipe are seen to use."""
    x = torch.randn(2, 1 + given.local_contrast, 64, 32, generator=torch.Generator().manual_seed(0))
    model = build_model(given.method, given.variant, x.shape[1], 1, 0.0625, **given.keywords).eval()
    shown = []
    model.regressor.register_forward_pre_hook(lambda module, inputs: shown.append(inputs[0]))
    with torch.no_grad():
        degrees = model.angles(x)
    off = regression(torch.full((1, 3), 0.5), torch.full((1, 3), 0.25), model.terms.smape)
    first = shown[0]
    steps = 90 if given.recipe == "published" else 16
    found = {
        "channels": first.shape[1],
        "scale": "0 to 1" if first.min() >= 0 and first.max() <= 1 else "mean 0, deviation 1",
        "regressor": backbone(model.regressor.backbone),
        "start": model.regressor.linear.bias[0].item(),
        "smape": float((off - 0.25) / (0.75 / 2.25)),
        "angle": (degrees.max() / model.joint(x)["angles"].detach().max()).item(),
        "inputs": model.inputs,
    }
    wide = torch.zeros_like(x)
    wide[:, :, 24:40] = x[:, :, 24:40]
    found["fit"] = "sides cut" if (model.picture(wide)[:, 0] != 0).any(2).float().mean() > 0.9 else "whole"
    if model.inputs != "mask":
        found["contrast"] = "as it is" if torch.equal(first, x) else "CLAHE, clip 3, 8 x 8 tiles"
    if given.recipe == "published":
        recipe = given.paper_recipe.recipe
        (group,) = recipe.make_optimiser(model).param_groups
        rates = [recipe.rate_at(k, 32) for k in range(recipe.length(32))]
        falls = [k for k in range(1, steps) if rates[k] < rates[k - 1]]
        found |= {"learning_rate": group["lr"], "momentum": group["momentum"], "weight_decay": group["weight_decay"]}
        found |= {"epochs": float(len(rates)), "falls": ", ".join(map(str, falls)), "batch": recipe.size(999)}
        found |= {"decay": rates[30] / rates[29], "optimiser": "sgd"}
    return found


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"local": False, "variant": "seg4reg_released", "recipe": "published"},
        {"variant": "densenet169_released", "recipe": "published"},
        {"variant": "seg4reg_densenet169", "local": False},
    ],
)
def test_a_run_s_values_are_those_of_its_network_and_recipe(changes):
    given = config(**changes)
    said = run_values(given)
    for name, value in seen(given).items():
        expected = value if isinstance(value, str) else pytest.approx(value, rel=1e-4, abs=1e-5)
        assert said[name] == expected, name


def test_the_released_variant_with_its_recipe_has_every_fact_but_what_is_left_out():
    found = run_values(config(variant="seg4reg_released", recipe="published"))
    for choice in CHOICES:
        if choice.name not in LEFT_OUT:
            assert found[choice.name] == choice.fact, choice.name
    weights = {"variant": "seg4reg_released", "recipe": "published", "options": ["regressor_weights=d.safetensors"]}
    assert run_values(config(**weights))["pretrained"] is True


def test_the_table_sets_facts_and_values_side_by_side():
    table = released_table(config()).set_index("choice")
    assert list(table) == [
        "Seg4Reg, released",
        "full, recipe common",
        "seg4reg_released, recipe published",
        "this run",
        "switched by",
    ]
    assert table.loc["optimiser"].tolist()[:4] == ["sgd", "adamw", "sgd", "adamw"]
    assert table.loc["input, rows x columns"].tolist()[:4] == ["512 x 256", "256 x 128", "512 x 256", "256 x 128"]
    assert table["switched by"].all()
