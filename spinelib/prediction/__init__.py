"""From weights and images to maps: normalisation, number format, a copy made for prediction, windows."""
