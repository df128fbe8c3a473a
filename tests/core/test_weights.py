import pytest
import torch
from torch import nn

from spinelib.core.errors import BadInput
from spinelib.core.weights import load_state, load_weights, save_state, save_weights


def net(width=4):
    return nn.Sequential(nn.Conv2d(1, width, 3), nn.BatchNorm2d(width))


def test_weights_come_back_from_any_memory_format(tmp_path):
    model = net().to(memory_format=torch.channels_last)
    save_weights(model, tmp_path / "m.safetensors")
    other = load_weights(net(), tmp_path / "m.safetensors")
    for name, value in model.state_dict().items():
        assert torch.equal(value, other.state_dict()[name])


def test_shared_weights_are_saved(tmp_path):
    layer = nn.Linear(3, 3)
    save_weights(nn.Sequential(layer, layer), tmp_path / "m.safetensors")
    again = nn.Linear(3, 3)
    load_weights(nn.Sequential(again, again), tmp_path / "m.safetensors")
    assert torch.equal(layer.weight, again.weight)


def test_missing_damaged_or_other_weights_are_named(tmp_path):
    path = tmp_path / "m.safetensors"
    with pytest.raises(BadInput, match="there are no weights here"):
        load_weights(net(), path)
    path.write_bytes(b"not a file of weights")
    with pytest.raises(BadInput, match="cannot be read"):
        load_weights(net(), path)
    save_weights(net(8), path)
    with pytest.raises(BadInput, match="another network"):
        load_weights(net(4), path)


def test_state_loads_without_running_code(tmp_path):
    save_state({"a": torch.arange(3), "b": [1.5, "x"], "c": None}, tmp_path / "s.pt")
    assert load_state(tmp_path / "s.pt")["b"] == [1.5, "x"]

    torch.save({"a": print}, tmp_path / "evil.pt")
    with pytest.raises(BadInput, match=r"evil\.pt: cannot be read"):
        load_state(tmp_path / "evil.pt")
    (tmp_path / "cut.pt").write_bytes((tmp_path / "s.pt").read_bytes()[:200])
    with pytest.raises(BadInput, match=r"cut\.pt: cannot be read"):
        load_state(tmp_path / "cut.pt")
