"""A network of a study that was never run."""

from spinelib.questions.complexity.networks import Network


def network(method="unet", width=0.0625, grid=(64, 32), **built):
    given = {"method": method, "in_channels": 2, "out_channels": 1, "width": width} | built
    return Network(f"{method}/full", given, grid, 2, 1, 2, runs=("a", "b"))
