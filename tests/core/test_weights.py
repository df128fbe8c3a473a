import subprocess
import sys

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from spinelib.core.errors import BadInput
from spinelib.core.weights import load_state, load_weights, read_weights, save_state, save_weights
from tests.flips import flips


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
    with pytest.raises(BadInput, match=r"evil\.pt: is no training state"):
        load_state(tmp_path / "evil.pt")
    save_state({"a": print}, tmp_path / "evil.pt")
    with pytest.raises(BadInput, match=r"evil\.pt: cannot be read"):
        load_state(tmp_path / "evil.pt")
    save_state([1], tmp_path / "list.pt")
    with pytest.raises(BadInput, match=r"list\.pt: is no training state"):
        load_state(tmp_path / "list.pt")
    for length in (0, 50, 200):
        (tmp_path / "cut.pt").write_bytes((tmp_path / "s.pt").read_bytes()[:length])
        with pytest.raises(BadInput, match=r"cut\.pt: is (damaged|no training state)"):
            load_state(tmp_path / "cut.pt")


def test_every_flipped_bit_of_a_state_is_noticed(tmp_path):
    save_state({"a": torch.arange(300.0), "b": [1.5, "x"]}, tmp_path / "s.pt")
    for _ in flips(tmp_path / "s.pt", 100):
        with pytest.raises(BadInput, match=r"s\.pt: is (damaged|no training state)"):
            load_state(tmp_path / "s.pt")
    assert torch.equal(load_state(tmp_path / "s.pt")["a"], torch.arange(300.0))


def test_a_flipped_bit_of_weights_is_noticed_or_changes_none(tmp_path):
    values = {"a": torch.arange(40.0), "b": torch.ones(3, dtype=torch.bool), "c": torch.tensor(2)}
    save_weights(values, tmp_path / "m.safetensors")
    noticed = 0
    for _ in flips(tmp_path / "m.safetensors", 100):
        try:
            found = read_weights(tmp_path / "m.safetensors")
        except BadInput:
            noticed += 1
            continue
        assert found.keys() == values.keys()
        assert all(torch.equal(found[name], value) for name, value in values.items())
    assert noticed > 80


def test_weights_of_others_have_no_digest_and_are_read(tmp_path):
    save_file({"a": torch.arange(3)}, tmp_path / "m.safetensors")
    assert read_weights(tmp_path / "m.safetensors")["a"].tolist() == [0, 1, 2]


@pytest.mark.parametrize("limit", [10, 4096, 100_000, 1_100_000])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path, limit):
    code = (
        "import resource, sys, torch\n"
        "from pathlib import Path\n"
        "from spinelib.core.errors import BadInput\n"
        "from spinelib.core.weights import save_state, save_weights\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)\n"
        "for save in (save_state, save_weights):\n"
        "    try:\n"
        "        save({'a': torch.ones(300_000)}, Path(sys.argv[1]) / 'x.pt')\n"
        "    except BadInput as error:\n"
        "        (Path(sys.argv[1]) / save.__name__).symlink_to(error.reason)\n"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path, str(limit)], check=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["save_state", "save_weights"]
    assert all("cannot be written" in str(path.readlink()) for path in tmp_path.iterdir())
