"""From weights and images to maps: normalisation, number format, a copy made for prediction, windows."""

from spinelib.prediction.normalisation import film_area, input_channels, normalise

__all__ = ["film_area", "input_channels", "normalise"]
