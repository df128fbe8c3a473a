import pytest
import torch
from torch import nn

from spinelib.core.errors import BadInput
from spinelib.core.names import PRECISIONS, USUAL_PRECISION
from spinelib.core.seals import read_sealed
from spinelib.models.objective import Objective
from spinelib.prediction import precision
from spinelib.prediction.precision import Precision, candidates, choose
from spinelib.training.losses import weighted_heads

AIM = Objective(weighted_heads)


def labels(*shape):
    return {"labels": torch.zeros(*shape)}


@pytest.fixture
def model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.Conv2d(4, 1, 3))


def test_unknown_name():
    with pytest.raises(BadInput, match="float16"):
        Precision("float16")


@pytest.mark.parametrize("name", PRECISIONS)
def test_output_is_float32_and_close(model, name):
    inputs = torch.randn(2, 1, 16, 16)
    expected = model(inputs)
    chosen = Precision(name)
    found = chosen.forward(chosen.arrange(model), inputs)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected, atol=0.05, rtol=0.05)
    if name.startswith("bfloat16"):
        assert not torch.equal(found, expected)
    else:
        torch.testing.assert_close(found, expected)


def test_dict_of_logits(model):
    class Heads(nn.Module):
        def forward(self, inputs):
            return {"logits": model(inputs), "coarse": model(inputs)}

    found = Precision("bfloat16").forward(Heads(), torch.randn(1, 1, 8, 8))
    assert {name: value.dtype for name, value in found.items()} == dict.fromkeys(("logits", "coarse"), torch.float32)


def test_channels_last_in_2d_and_3d(model):
    chosen = Precision("float32+channels_last")
    assert chosen.arrange(torch.randn(2, 3, 4, 4)).is_contiguous(memory_format=torch.channels_last)
    assert chosen.arrange(torch.randn(2, 3, 4, 4, 4)).is_contiguous(memory_format=torch.channels_last_3d)
    assert chosen.arrange(model)[2].weight.is_contiguous(memory_format=torch.channels_last)


def test_choice_leaves_model_and_random_numbers_alone(model):
    before = [value.clone() for value in model.state_dict().values()]
    random = torch.get_rng_state()
    chosen, times = choose(model, AIM, torch.randn(2, 1, 16, 16), labels(2, 14, 14))
    assert set(times) == set(candidates(torch.device("cpu")))
    assert chosen.name in times
    assert all(torch.equal(a, b) for a, b in zip(before, model.state_dict().values(), strict=True))
    assert not any(p.grad is not None for p in model.parameters())
    random_after = torch.get_rng_state()
    assert not torch.equal(random, random_after)  # the draw of the inputs above
    choose(model, AIM, torch.zeros(2, 1, 16, 16), labels(2, 14, 14))
    assert torch.equal(random_after, torch.get_rng_state())


@pytest.mark.parametrize(
    ("times", "expected"),
    [((10, 9.9, 9.6, 9.6), "float32"), ((10, 8, 7.9, 7.7), "float32+channels_last"), ((10, 9, 5, 4.9), "bfloat16")],
)
def test_plainest_wins_unless_clearly_slower(model, monkeypatch, times, expected):
    monkeypatch.setattr(precision, "_probe", lambda *_: dict(zip(PRECISIONS, times, strict=True)))
    assert choose(model, AIM, torch.zeros(1, 1, 8, 8), labels(1, 6, 6))[0].name == expected


def test_cache_repeats_the_choice(model, monkeypatch, tmp_path):
    cache, inputs, target = tmp_path / "precision.json", torch.zeros(1, 1, 8, 8), labels(1, 6, 6)
    monkeypatch.setattr(precision, "_probe", lambda *_: {"float32": 9.0, "bfloat16": 2.0})
    assert choose(model, AIM, inputs, target, cache)[0].name == "bfloat16"
    monkeypatch.setattr(precision, "_probe", lambda *_: {"float32": 1.0, "bfloat16": 2.0})
    assert choose(model, AIM, inputs, target, cache)[0].name == "bfloat16"
    assert choose(model, AIM, inputs.repeat(2, 1, 1, 1), target, cache)[0].name == "float32"
    assert len(read_sealed(cache)) == 2


def test_a_damaged_choice_is_made_anew(model, monkeypatch, tmp_path):
    cache, inputs, target = tmp_path / "precision.json", torch.zeros(1, 1, 8, 8), labels(1, 6, 6)
    monkeypatch.setattr(precision, "_probe", lambda *_: {"float32": 9.0, "bfloat16": 2.0})
    choose(model, AIM, inputs, target, cache)
    cache.write_text(cache.read_text().replace('"bfloat16": 2', '"bfloat16": 7'))
    monkeypatch.setattr(precision, "_probe", lambda *_: {"float32": 1.0, "bfloat16": 2.0})
    assert choose(model, AIM, inputs, target, cache)[0].name == "float32"


def test_a_mac_without_bfloat16_computes_in_float32_and_says_so(monkeypatch):
    mac, ones = torch.device("mps"), torch.ones

    def old(*size, device=None, **options):
        if device == mac:
            raise TypeError("BFloat16 is not supported on MPS")
        return ones(*size, device=device, **options)

    monkeypatch.setattr(torch, "ones", old)
    precision.knows_bfloat16.cache_clear()
    with pytest.warns(UserWarning, match="no bfloat16: computed in float32"):
        assert not Precision("bfloat16").autocast(mac)._enabled
    assert Precision("bfloat16").autocast(torch.device("cpu"))._enabled
    assert candidates(mac) == PRECISIONS[:2]
    precision.knows_bfloat16.cache_clear()


def test_hardware_that_imitates_bfloat16_uses_it_all_the_same_and_says_so_once(monkeypatch):
    cpu, chosen = torch.device("cpu"), Precision(USUAL_PRECISION)
    monkeypatch.setattr(precision, "multiplies_bfloat16", lambda _: False)
    precision.warn_if_imitated.cache_clear()
    with pytest.warns(UserWarning, match="imitates bfloat16, slowly; it is used all the same") as said:
        assert [precision.warn_if_imitated(chosen, cpu) for _ in range(3)] == [None] * 3
    assert len(said) == 1
    assert chosen.autocast(cpu)._enabled
    assert candidates(cpu) == PRECISIONS[:2]
    precision.warn_if_imitated.cache_clear()


def test_nothing_is_said_where_bfloat16_is_native_or_not_asked_for(monkeypatch, recwarn):
    precision.warn_if_imitated.cache_clear()
    monkeypatch.setattr(precision, "multiplies_bfloat16", lambda _: True)
    precision.warn_if_imitated(Precision(USUAL_PRECISION), torch.device("cpu"))
    monkeypatch.setattr(precision, "multiplies_bfloat16", lambda _: False)
    precision.warn_if_imitated(Precision("float32"), torch.device("cpu"))
    assert not recwarn
    precision.warn_if_imitated.cache_clear()
