"""Compare published spine-segmentation methods under one honest, rerunnable protocol."""

__version__ = "0.1.0"
