"""TIFF files of numbers alone, in encodings that no library at hand writes.

TIFF 6.0: a header, strips of samples, and a list of tags.
"""

import struct
import zlib

import numpy as np

SHORT, LONG, RATIONAL = 3, 4, 5


def packed(samples, bits, order):
    """Rows of samples as bytes: fields of so many bits from the left, each row filled up to a byte."""
    rows = samples.reshape(len(samples), -1)
    if bits in (8, 16, 32, 64):
        return [row.astype(row.dtype.newbyteorder(order)).tobytes() for row in rows]
    fields = (rows[..., None].astype(np.uint32) >> np.arange(bits - 1, -1, -1)) & 1
    return [np.packbits(row.reshape(-1)).tobytes() for row in fields]


def predicted(samples):
    """Differences between neighbours in a row (Predictor 2)."""
    out = samples.copy()
    out[:, 1:] -= samples[:, :-1]
    return out


def tiff(
    path,
    samples,
    *,
    bits=None,
    order="<",
    photometric=1,
    compression=1,
    predictor=1,
    rows_per_strip=None,
    planar=1,
    tags=None,
    pages=1,
):
    """A TIFF of samples [H, W] or [H, W, channels]; `tags`: {number: (type, [values])}."""
    bits = bits or 8 * samples.dtype.itemsize
    height, width = samples.shape[:2]
    channels = samples.shape[2] if samples.ndim == 3 else 1
    planes = [samples[..., k] for k in range(channels)] if planar == 2 else [samples]
    step = rows_per_strip or height
    strips = []
    for plane in planes:
        rows = packed(predicted(plane) if predictor == 2 else plane, bits, order)
        for start in range(0, height, step):
            strip = b"".join(rows[start : start + step])
            strips.append(zlib.compress(strip) if compression == 8 else strip)
    formats = {"u": 1, "i": 2, "f": 3}
    said = {
        256: (LONG, [width]),
        257: (LONG, [height]),
        258: (SHORT, [bits] * channels),
        259: (SHORT, [compression]),
        262: (SHORT, [photometric]),
        277: (SHORT, [channels]),
        278: (LONG, [step]),
        279: (LONG, [len(strip) for strip in strips]),
        284: (SHORT, [planar]),
        317: (SHORT, [predictor]),
        339: (SHORT, [formats[samples.dtype.kind]] * channels),
    } | (tags or {})
    starts = np.cumsum([8] + [len(strip) for strip in strips])
    said[273] = (LONG, [int(at) for at in starts[:-1]])
    content = b"".join(strips) + b"\0" * (-int(starts[-1]) % 2)
    first = 8 + len(content)
    magic = b"II" if order == "<" else b"MM"
    content = magic + struct.pack(f"{order}HI", 42, first) + content
    for page in range(pages):
        content += _directory(said, order, len(content), page + 1 == pages)
    path.write_bytes(content)
    return path


def _directory(said, order, at, last):
    """The list of tags at a place in the file; values longer than four bytes follow it."""
    after, more = at + 2 + 12 * len(said) + 4, b""
    entries = b""
    for number in sorted(said):
        kind, values = said[number]
        parts = [part for value in values for part in (value if isinstance(value, tuple) else (value,))]
        data = struct.pack(f"{order}{len(parts)}{'H' if kind == SHORT else 'I'}", *parts)
        if len(data) > 4:
            data, more = struct.pack(f"{order}I", after + len(more)), more + data
        entries += struct.pack(f"{order}HHI", number, kind, len(values)) + data.ljust(4, b"\0")
    more += b"\0" * (len(more) % 2)
    following = 0 if last else after + len(more)
    return struct.pack(f"{order}H", len(said)) + entries + struct.pack(f"{order}I", following) + more
