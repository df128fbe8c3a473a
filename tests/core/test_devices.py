import numpy as np
import pytest
import torch

from spinelib.core.devices import Store, _budget_mb, device_name, pick_device
from spinelib.core.errors import BadInput


def test_device_by_name():
    assert pick_device("cpu") == torch.device("cpu")
    assert pick_device("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")
    assert device_name(torch.device("cpu"))


@pytest.mark.parametrize(("cuda", "mps", "chosen"), [(1, 1, "cuda"), (0, 1, "mps"), (0, 0, "cpu")])
def test_auto_takes_a_card_then_the_gpu_of_a_mac(monkeypatch, cuda, mps, chosen):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: bool(cuda))
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: bool(mps))
    assert pick_device("auto").type == chosen
    assert (device_name(torch.device("mps")).endswith("MPS"), _budget_mb(torch.device("mps"))) == (True, 2048)


@pytest.mark.skipif(torch.backends.mps.is_available(), reason="has an mps device")
def test_the_gpu_of_a_mac_is_refused_elsewhere():
    with pytest.raises(BadInput, match="mps is not on this machine"):
        pick_device("mps")


@pytest.mark.parametrize("name", ["gpu0", "cuda:77"])
def test_device_that_is_not_there(name):
    with pytest.raises(BadInput, match=name):
        pick_device(name)


def test_both_kinds_of_store_give_equal_batches(toy_cases, tmp_path):
    np.save(tmp_path / "images.npy", toy_cases.images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    device = torch.device("cpu")
    resident = Store(toy_cases.images, {"labels": toy_cases.labels}, device)
    streamed = Store(mapped, {"labels": toy_cases.labels}, device, memory_mb=0)
    assert (resident.resident, streamed.resident) == (True, False)
    order = [torch.tensor(index) for index in ([3, 1], [11, 0], [5, 5], [2])]
    for index, one, two in zip(order, resident.stream(order), streamed.stream(order), strict=True):
        assert torch.equal(one[0], torch.from_numpy(toy_cases.images[index.numpy()]))
        assert torch.equal(one[0], two[0])
        assert one[1].keys() == two[1].keys() == {"labels"}
        assert torch.equal(one[1]["labels"], two[1]["labels"])


def test_every_target_comes_with_its_images(toy_cases):
    targets = {"labels": toy_cases.labels, "angles": np.arange(36, dtype=np.float32).reshape(12, 3)}
    for megabytes in (None, 0):
        store = Store(toy_cases.images, targets, torch.device("cpu"), megabytes)
        images, found = store.take(torch.tensor([7, 2]))
        assert torch.equal(images, torch.from_numpy(toy_cases.images[[7, 2]]))
        assert found["angles"].tolist() == [[21, 22, 23], [6, 7, 8]]
        assert torch.equal(found["labels"], torch.from_numpy(toy_cases.labels[[7, 2]]))
    assert Store(toy_cases.images, {}, torch.device("cpu")).take(torch.tensor([0]))[1] == {}


def test_resident_cases_are_not_copied_on_the_cpu(toy_cases):
    store = Store(toy_cases.images, {"labels": toy_cases.labels}, torch.device("cpu"))
    assert store._tensors[0].data_ptr() == toy_cases.images.ctypes.data


def test_stream_left_early_ends_its_reader(toy_cases):
    store = Store(toy_cases.images, {"labels": toy_cases.labels}, torch.device("cpu"), memory_mb=0)
    stream = store.stream(torch.tensor([i]) for i in range(12))
    next(stream)
    stream.close()
    assert len(list(store.stream([torch.tensor([0])]))) == 1
    assert list(store.stream([])) == []
