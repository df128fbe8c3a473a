"""Where tensors live: the device of a run, and cases held there as one tensor or read from a memory map."""

from __future__ import annotations

import platform
import warnings
from collections.abc import Generator, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from torch import Tensor

from spinelib.core.errors import BadInput

_CPU_BUDGET_MB = 2048


def pick_device(name: str = "auto") -> torch.device:
    """`auto` is the first CUDA card, else the GPU of a Mac (mps), else the CPU. Raises BadInput for one not there."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    remedy = "Use auto, cpu, cuda, cuda:<number> or mps."
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise BadInput("device", f"{name!r} is not the name of a device", remedy) from error
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise BadInput("device", f"{name} is not on this machine", remedy)
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise BadInput("device", f"{name} is not on this machine", remedy)
    return device


def device_name(device: torch.device) -> str:
    """Name of the GPU, or the processor's architecture and vector instructions."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return f"{platform.machine()} MPS"
    return f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}"


def tune(device: torch.device) -> None:
    """On a GPU: let cuDNN search its kernels (batch shapes are fixed) and allow TF32 products."""
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = True
        torch.set_float32_matmul_precision("high")


def send(values: Tensor, device: torch.device) -> Tensor:
    """`values` of the CPU on `device`, without waiting for what a graphics card has still to do.

    A plain copy makes the CPU wait until the card has caught up; one from pinned memory takes its turn there.
    """
    pinned = values.pin_memory() if device.type == "cuda" and not values.is_cuda else values
    return pinned.to(device, non_blocking=True)


def generator_on(device: torch.device, random: torch.Generator) -> torch.Generator:
    """A generator on `device`, seeded by the next number of `random`, the one on the CPU whose state is kept."""
    return torch.Generator(device).manual_seed(int(torch.randint(2**62, (1,), generator=random)))


# Images [B,C,*S] and, by name, what is known of them, [B,...] each.
Batch = tuple[Tensor, dict[str, Tensor]]


class Store:
    """Images and targets behind one interface: resident on the device while they fit, else read batch by batch.

    images uint8 [N,C,*S] and targets [N,...] by name (`spinelib.training.targets`), in memory or memory-mapped.
    `memory_mb` is what they may take on the device (default: half of a GPU's free memory, 2048 MB on a CPU). Either way
    gives equal batches.
    """

    def __init__(
        self,
        images: np.ndarray,
        targets: Mapping[str, np.ndarray],
        device: torch.device,
        memory_mb: float | None = None,
    ) -> None:
        self.device, self._arrays = device, (images, *targets.values())
        self._names = tuple(targets)
        budget = _budget_mb(device) if memory_mb is None else memory_mb
        self.resident = sum(array.nbytes for array in self._arrays) / 2**20 <= budget
        if self.resident:
            self._tensors = [_tensor(array).to(device) for array in self._arrays]

    def __len__(self) -> int:
        return len(self._arrays[0])

    def take(self, index: Tensor) -> Batch:
        """Images and targets of the cases `index` (int64 [B], on the CPU), on the device."""
        if self.resident:
            there = send(index, self.device)
            images, *targets = (part.index_select(0, there) for part in self._tensors)
        else:
            images, *targets = (self._read(array, index) for array in self._arrays)
        return images, dict(zip(self._names, targets, strict=True))

    def _read(self, array: np.ndarray, index: Tensor) -> Tensor:
        # Fancy indexing copies the rows out of the map; a pinned copy travels while the GPU computes.
        return send(torch.from_numpy(array[index.numpy()]), self.device)

    def stream(self, batches: Iterable[Tensor]) -> Generator[Batch, None, None]:
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
