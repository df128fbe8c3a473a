"""Text that people's programs wrote, in whatever encoding they wrote it."""

from __future__ import annotations

import re
from pathlib import Path

from spinelib.core.errors import BadInput

SAVE = "Save it as UTF-8."
# Byte order marks, the longer ones first.
MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
# Accented letters stand alone among plain ones; Chinese in the common plane of GB 18030 comes in pairs of high bytes.
ALONE = re.compile(rb"(?:[\x00-\x7f]|^)[\xa0-\xff](?=[\x00-\x7f]|$)")
PAIRS = re.compile(rb"(?:[\xa1-\xfe]{2})+")
HIGH = re.compile(rb"[\x80-\xff]+")


def read_text(path: Path, max_bytes: int = 200_000_000) -> tuple[str, str]:
    """The text of a file and the name of its encoding. Raises BadInput for a missing, too large or binary file.

    Tried in this order: a byte order mark (UTF-8, UTF-16, UTF-32), UTF-16 without one (zero bytes among the first),
    UTF-8, and then by the look of the bytes above 127: windows-1252 where they stand alone, GB 18030 (GBK) where they
    come in pairs, Shift-JIS, GB 18030, windows-1252.
    """
    try:
        if path.stat().st_size > max_bytes:
            raise BadInput(path, f"has more than {max_bytes // 10**6} MB", "Choose the right file.")
        data = path.read_bytes()
    except OSError as error:
        reason = "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read ({error.strerror})"
        raise BadInput(path, reason, "Check the path and its permissions.") from error
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _decode(path, data[len(mark) :], (encoding,))
    even, odd = data[:64:2].count(0), data[1:64:2].count(0)
    # Plain letters in UTF-16 have a zero byte each, all on one side.
    if max(even, odd) > len(data[:64]) // 4 and not min(even, odd):
        return _decode(path, data, ("utf-16-be" if even else "utf-16-le",))
    return _decode(path, data, ("utf-8", *_guesses(data)))


def say_encoding(encoding: str) -> str:
    """A remark that names an encoding other than UTF-8; "" for that."""
    return "" if encoding == "utf-8" else f"was read as {encoding} text"


def _guesses(data: bytes) -> tuple[str, ...]:
    runs = HIGH.findall(data)
    if runs and len(ALONE.findall(data)) == len(runs):
        return "windows-1252", "gb18030", "shift_jis"
    if all(PAIRS.fullmatch(run) for run in runs):
        return "gb18030", "shift_jis", "windows-1252"
    return "shift_jis", "gb18030", "windows-1252"


def _decode(path: Path, data: bytes, encodings: tuple[str, ...]) -> tuple[str, str]:
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, encoding
    raise BadInput(path, f"is no text ({', '.join(encodings)} were tried)", SAVE)
