"""Where tensors live: the device of a run, and cases held there as one tensor or read from a memory map."""

from __future__ import annotations

import platform
import warnings
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from torch import Tensor

from spinelib.errors import BadInput

_CPU_BUDGET_MB = 2048


def pick_device(name: str = "auto") -> torch.device:
    """`auto` is the first GPU where there is one, else the CPU. Raises BadInput for a device that is not there."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    remedy = "Use auto, cpu, cuda or cuda:<number>."
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise BadInput("device", f"{name!r} is not the name of a device", remedy) from error
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise BadInput("device", f"{name} is not on this machine", remedy)
    return device


def device_name(device: torch.device) -> str:
    """Name of the GPU, or the processor's architecture and vector instructions."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}"


def tune(device: torch.device) -> None:
    """On a GPU: let cuDNN search its kernels (batch shapes are fixed) and allow TF32 products."""
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = True
        torch.set_float32_matmul_precision("high")


class Store:
    """Images and labels behind one interface: resident on the device while they fit, else read batch by batch.

    images uint8 [N,C,*S] and labels uint8 [N,*S], in memory or memory-mapped. `memory_mb` is what they may
    take on the device (default: half of a GPU's free memory, 2048 MB on a CPU). Either way gives equal batches.
    """

    def __init__(
        self, images: np.ndarray, labels: np.ndarray, device: torch.device, memory_mb: float | None = None
    ) -> None:
        self.device, self._images, self._labels = device, images, labels
        budget = _budget_mb(device) if memory_mb is None else memory_mb
        self.resident = (images.nbytes + labels.nbytes) / 2**20 <= budget
        if self.resident:
            self._tensors = (_tensor(images).to(device), _tensor(labels).to(device))

    def __len__(self) -> int:
        return len(self._images)

    def take(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """Images and labels of the cases `index` (int64 [B], on the CPU), on the device."""
        if self.resident:
            there = index.to(self.device)
            images, labels = self._tensors
            return images.index_select(0, there), labels.index_select(0, there)
        # Fancy indexing copies the rows out of the map; pinned copies travel while the GPU computes.
        images, labels = (torch.from_numpy(part[index.numpy()]) for part in (self._images, self._labels))
        if self.device.type == "cuda":
            images, labels = images.pin_memory(), labels.pin_memory()
        return images.to(self.device, non_blocking=True), labels.to(self.device, non_blocking=True)

    def stream(self, batches: Iterable[Tensor]) -> Generator[tuple[Tensor, Tensor], None, None]:
        """Each batch of indices in turn; when not resident, the next one is read while this one is used."""
        if self.resident:
            yield from map(self.take, batches)
            return
        with ThreadPoolExecutor(1) as reader:
            ahead = None
            for index in batches:
                ready, ahead = ahead, reader.submit(self.take, index)
                if ready is not None:
                    yield ready.result()
            if ahead is not None:
                yield ahead.result()


def _budget_mb(device: torch.device) -> float:
    return torch.cuda.mem_get_info(device)[0] / 2**21 if device.type == "cuda" else _CPU_BUDGET_MB


def _tensor(array: np.ndarray) -> Tensor:
    with warnings.catch_warnings():
        # A read-only map is shared, not copied; nothing here writes to it.
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        return torch.from_numpy(np.asarray(array))
