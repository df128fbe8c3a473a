"""Decodes one compressed frame with GDCM: a program of its own, because GDCM ends the process on damaged bytes.

stdin: a line of JSON (`syntax`: name of the transfer syntax in GDCM, `width`, `height`, `samples`, `precision`: bits of
a sample in the stream), then the frame. stdout: the samples, unsigned, by pixel, in one byte up to 8 bits, else in two,
little-endian. Fails where GDCM does. Nothing of this library is imported, so that it starts within a tenth of a second.
"""

from __future__ import annotations

import json
import sys
from typing import Any

MOST_MEMORY = 8 << 30


def decode(frame: bytes, said: dict[str, Any]) -> bytes:
    """The samples of a frame as described above. Raises ValueError where GDCM gives nothing."""
    import gdcm

    gdcm.Trace.WarningOff()
    gdcm.Trace.ErrorOff()
    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(frame)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((said["width"], said["height"], 1))
    image.SetDataElement(element)
    kinds = gdcm.PhotometricInterpretation
    image.SetPhotometricInterpretation(kinds(kinds.MONOCHROME2 if said["samples"] == 1 else kinds.RGB))
    image.SetPlanarConfiguration(0)
    image.SetTransferSyntax(gdcm.TransferSyntax(getattr(gdcm.TransferSyntax, said["syntax"])))
    bits = said["precision"]
    image.SetPixelFormat(gdcm.PixelFormat(said["samples"], 8 if bits <= 8 else 16, bits, bits - 1, 0))
    buffer = image.GetBuffer()
    if not buffer:
        raise ValueError("no samples")
    # its buffer comes as text
    return bytes(buffer.encode("utf-8", "surrogateescape"))


def main() -> None:
    """Decode what comes on stdin."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    # not on Windows
    except (ImportError, ValueError, OSError):
        pass
    said = json.loads(sys.stdin.buffer.readline())
    sys.stdout.buffer.write(decode(sys.stdin.buffer.read(), said))


if __name__ == "__main__":
    main()
