"""Cases that every room's tests may train on: a bright wavy column on noise, small enough for seconds."""

import numpy as np
import pandas as pd
import pytest

from spinelib.cases import CaseArrays


def make_cases(count=12, height=32, width=16, seed=0):
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    images = random.integers(60, 120, (count, 1, height, width)).astype(np.uint8)
    labels = np.zeros((count, height, width), np.uint8)
    for i in range(count):
        centre = width * (0.5 + random.uniform(-0.12, 0.12) * (1 + np.sin(5 * y / height + random.uniform(0, 6))))
        labels[i] = (abs(x - centre) < 0.12 * width) & (abs(y - height / 2) < 0.4 * height)
        images[i, 0] += labels[i] * 80
    images[:, :, :, :1] = 0
    return CaseArrays(
        table=pd.DataFrame({"case": [f"case{i}" for i in range(count)]}),
        images=images,
        labels=labels,
        classes=("spine",),
        extra={},
        landmarks=np.zeros((count, 0, 4, 2), np.float32),
        frames=np.tile(np.float32([1, 0, 0, height, width]), (count, 1)),
        spacing=np.full((count, 2), np.nan, np.float32),
        digest=f"{count}-{height}-{width}-{seed}",
    )


def pytest_runtest_setup(item):
    if item.get_closest_marker("card"):
        # Loaded by the test itself anyway; the others must not wait for it.
        import torch

        if not torch.cuda.is_available():
            pytest.skip("needs a graphics card")


@pytest.fixture(scope="session")
def toy_cases():
    return make_cases()
