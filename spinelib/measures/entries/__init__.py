"""Every metric of the library, one entry each; the order is that of the rows in the case table."""

from spinelib.measures.entries.angles import ANGLE_BY_ANGLE, OF_ANGLES
from spinelib.measures.entries.derived import DERIVED
from spinelib.measures.entries.outlines import OF_OUTLINES, OF_PIXELS
from spinelib.measures.entries.vertebrae import OF_LEVELS, OF_VERTEBRAE

ENTRIES = (*OF_PIXELS, *OF_OUTLINES, *OF_LEVELS, *OF_ANGLES, *OF_VERTEBRAE, *ANGLE_BY_ANGLE, *DERIVED)
