"""What lies on or over the patient: ribs, metal, letters."""

from spinelib.corruptions.markers import markers
from spinelib.corruptions.metal import metal
from spinelib.corruptions.ribs import ribs

__all__ = ["markers", "metal", "ribs"]
