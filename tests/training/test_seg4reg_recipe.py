"""The recipe of Seg4Reg at what its released code does."""

import numpy as np
import pytest
import torch

from spinelib.models import METHODS, build_model
from spinelib.models.method import resolve
from spinelib.training.losses import weighted_heads
from spinelib.training.seg4reg_recipe import SEG4REG


def test_the_rate_falls_to_a_tenth_every_thirty_of_ninety_epochs():
    recipe, cases = SEG4REG.recipe, 320
    epoch = cases // 32
    assert recipe.size(cases) == 32
    assert recipe.length(cases) == 90 * epoch
    rates = [recipe.rate_at(k * epoch, cases) for k in (0, 29, 30, 59, 60, 89)]
    assert rates == pytest.approx([1e-2, 1e-2, 1e-3, 1e-3, 1e-4, 1e-4])
    assert np.unique(np.round([recipe.rate_at(k, cases) for k in range(900)], 9)).size == 3
    assert (SEG4REG.grid, SEG4REG.loss) == ((512, 256), weighted_heads)


def test_every_weight_decays_and_nothing_is_augmented_or_cut():
    recipe = SEG4REG.recipe
    optimiser = recipe.make_optimiser(torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2)))
    assert type(optimiser) is torch.optim.SGD
    (group,) = optimiser.param_groups
    assert (group["lr"], group["momentum"], group["weight_decay"], len(group["params"])) == (1e-2, 0.9, 1e-4, 4)
    assert recipe.geometry is recipe.intensity is recipe.elastic is None
    assert (recipe.clip, recipe.warmup, recipe.ema, recipe.patience, recipe.local) == (0, 0, 0, 0, False)


def test_it_is_the_recipe_of_both_methods_and_their_regression_loss_is_plain_l1():
    assert resolve(METHODS["seg4regplus"].published) is SEG4REG
    for variant in ("seg4reg_released", "densenet169_released"):
        assert build_model("seg4regplus", variant, width=0.0625).terms.smape == 0
