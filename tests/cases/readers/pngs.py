"""PNG files of numbers alone, in every colour type and depth of the standard (ISO/IEC 15948)."""

import struct
import zlib

import numpy as np

GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
# Adam7: first row, first column, step down, step along
PASSES = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def scanlines(samples, bits):
    """Rows of samples [H, W] or [H, W, channels] as bytes, each behind filter type 0."""
    rows = samples.reshape(len(samples), -1)
    if bits == 16:
        return b"".join(b"\0" + row.astype(">u2").tobytes() for row in rows)
    fields = (rows[..., None].astype(np.uint8) >> np.arange(bits - 1, -1, -1, dtype=np.uint8)) & 1
    return b"".join(b"\0" + np.packbits(row.reshape(-1)).tobytes() for row in fields)


def png(path, samples, *, bits, colour, interlaced=False, palette=None, more=()):
    """A PNG of samples; `palette`: [n, 3]; `more`: pairs of a chunk's name and data that come before the pixels."""
    height, width = samples.shape[:2]
    if interlaced:
        parts = [samples[row::down, column::along] for row, column, down, along in PASSES]
        lines = b"".join(scanlines(part, bits) for part in parts if part.size)
    else:
        lines = scanlines(samples, bits)
    content = b"\x89PNG\r\n\x1a\n"
    content += chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, int(interlaced)))
    if palette is not None:
        content += chunk(b"PLTE", np.asarray(palette, np.uint8).tobytes())
    for name, data in more:
        content += chunk(name, data)
    path.write_bytes(content + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b""))
    return path
