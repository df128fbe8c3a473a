"""All that needs a graphics card in one call of at most ten minutes: ``make gpu``, kept by ``make publish-gpu``."""
