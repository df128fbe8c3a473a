import json
import subprocess
import sys

import pytest
from pydicom.encaps import get_frame

from spinelib.cases.readers import gdcm_frame
from tests.cases.readers.dicoms import bundled, data_set

SAID = {"syntax": "JPEGExtendedProcess2_4", "width": 256, "height": 1024, "samples": 1, "precision": 12}


def frame():
    header = bundled("JPGExtended.dcm")
    return get_frame(header.PixelData, 0, number_of_frames=1)


def test_the_program_writes_what_the_function_gives():
    program = [sys.executable, "-P", gdcm_frame.__file__]
    done = subprocess.run(program, input=json.dumps(SAID).encode() + b"\n" + frame(), capture_output=True, timeout=60)
    samples = gdcm_frame.decode(frame(), SAID)
    assert done.returncode == 0
    assert done.stdout == samples
    # the value that the library's own tests give for row 420, column 140
    assert int.from_bytes(samples[2 * (420 * 256 + 140) :][:2], "little") == 244


def test_nothing_of_this_library_is_loaded():
    program = f"import runpy, sys; runpy.run_path({gdcm_frame.__file__!r}); print('spinelib' in sys.modules)"
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "False"


def test_a_frame_that_is_none_is_an_error():
    with pytest.raises(ValueError, match="no samples"):
        gdcm_frame.decode(data_set().PixelData, SAID)
