"""One radiograph of the digital patient against DiffDRR and nanodrr, public projectors (MIT), on one core of a CPU.

The same: a film of 512 x 256 px, 1 mm a pixel in the plane of the spine, cone beam from 1.8 m. Not the same: ours draws
bodies that it knows as formulas, with every label, organs, noise and development; the peers cast one ray for every
pixel through a volume of voxels that is ready, without labels, and that somebody has to fill. The volume is what the
film stands for: 256 x 224 x 512 voxels of 1 mm. DiffDRR runs as documented (Siddon), in 64 patches, which its memory
needs on a CPU; nanodrr with one sample a voxel. The peers must show the same picture before the clock runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks import peers
from benchmarks.common import Row, against, race
from spinelib.phantom import films, sample_anatomy

HEIGHT, WIDTH, DEPTH = 512, 256, 224
# mm, from the source to the middle of the volume and to the film behind it.
SOURCE, FILM = 1800.0, 1950.0
PATCH, TURNS, COPIES = 45, 3, 4
ALIKE = 0.98


def rows() -> Iterator[Row]:
    """Yield one row per projector that is installed."""
    torch.set_num_threads(1)
    calls: dict[str, Callable[[], Any]] = {"ours": _ours}
    for module, (name, make) in {"diffdrr": ("DiffDRR", _diffdrr), "nanodrr": ("nanodrr", _nanodrr)}.items():
        if peers.installed(module):
            calls[name] = make()
        else:
            print(f"digital patient against {name}: not installed, left out", flush=True)
    shadows = {name: agree(name, call()) for name, call in list(calls.items())[1:]}
    times = race(calls, TURNS, warm_ups=0) if shadows else {}
    for name in shadows:
        title = f"digital patient, a film 512x256 with labels, drawn; against rays of {name} through 256x224x512 voxels"
        # Ours makes COPIES in a turn: one is over before the clock can tell.
        times[name] = times[name] * COPIES
        yield against(title, times, "ours", name, COPIES)


@cache
def bones() -> Tensor:
    """A column of 17 bodies and a pelvis in a volume [WIDTH, DEPTH, HEIGHT]: 1 in bone, 0 elsewhere."""
    x, y, z = (np.arange(n) - (n - 1) / 2 for n in (WIDTH, DEPTH, HEIGHT))
    winding = 20 * np.sin(z / 90)
    column = (np.abs(x[:, None, None] - winding) < 20) & (np.abs(y[None, :, None]) < 16) & (np.mod(z, 28) < 22)
    pelvis = ((x / 100)[:, None, None] ** 2 + (y / 60)[None, :, None] ** 2 + ((z + 230) / 25) ** 2) < 1
    return torch.from_numpy((column | pelvis).astype(np.float32))


def agree(name: str, picture: Tensor) -> Tensor:
    """The picture, [HEIGHT, WIDTH] of mm of bone, if it is the shadow of `bones`; AssertionError if not.

    The shadow of a parallel beam stands in for the cone's, which differs by some pixels at the edges.
    """
    found, wanted = picture.detach().squeeze().double(), bones().sum(1).T.flip(0, 1).double()
    share = float(found.sum() / wanted.sum())
    assert abs(share - 1) < 0.1, f"{name} finds {share:.2f} of the bone"
    alike = float(torch.corrcoef(torch.stack([wanted.flatten(), found.flatten()]))[0, 1])
    assert alike > ALIKE, f"{name} and the shadow of the volume correlate by {alike:.2f}"
    return found


def _image(values: Tensor) -> Any:
    from torchio import ScalarImage

    return ScalarImage(tensor=values[None], affine=np.eye(4))


def _ours() -> None:
    for number in range(COPIES):
        films(sample_anatomy(1, 0, number), "coronal", (HEIGHT, WIDTH), 0)


def _diffdrr() -> Callable[[], Tensor]:
    from diffdrr.data import read
    from diffdrr.drr import DRR

    pixel = FILM / SOURCE
    # Of its HU scale: what is below 350 counts as empty, bone as its share of the densest.
    projector = DRR(read(_image(1000 * bones())), FILM, HEIGHT, pixel, WIDTH, patch_size=PATCH)
    pose = torch.zeros(1, 3), torch.tensor([[0.0, SOURCE, 0.0]])

    def call() -> Tensor:
        with torch.no_grad():
            return projector(*pose, parameterization="euler_angles", convention="ZXY")

    return call


def _nanodrr() -> Callable[[], Tensor]:
    from nanodrr.camera import make_rt_inv
    from nanodrr.data import Subject
    from nanodrr.drr import DRR

    pixel = FILM / SOURCE
    subject = Subject.from_images(_image(bones()), convert_to_mu=False)
    projector = DRR.from_carm_intrinsics(FILM, pixel, pixel, 0.0, 0.0, HEIGHT, WIDTH, dtype=torch.float32)
    where = make_rt_inv(torch.zeros(1, 3), torch.tensor([[0.0, SOURCE, 0.0]]), "AP", subject.isocenter)

    def call() -> Tensor:
        with torch.no_grad():
            return projector(subject, where, n_samples=DEPTH)

    return call
