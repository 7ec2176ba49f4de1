"""The text of a file of samples: unpacked, decoded, and refused where it is too large or no text."""

from __future__ import annotations

import gzip
import io
import zlib

from quadfit_tui.core.files import access

LARGEST_FILE = 64_000_000  # bytes, also unpacked; a million lines of two numbers stay below
_MOST_PARTS = 10_000  # of a packed file; millions of empty ones would take minutes
_PACKED = b"\x1f\x8b\x08"  # what gzip begins each part with
_ENCODINGS = {"utf-8": "utf-8-sig", "utf-16": "utf-16", "latin-1": "latin-1"}


class SampleFileError(ValueError):
    """A file that holds no usable samples; the text is one line and does not name the file.

    `parameter` is the one at fault: data, or columns.
    """

    parameter = "data"


def read_content(path: str) -> bytes:
    """What the file at `path` holds, packed or not; raises SampleFileError."""
    try:
        return access.read(path, LARGEST_FILE)
    except OSError as failure:
        raise SampleFileError(access.refusal(failure, "a CSV file", LARGEST_FILE)) from None


def unpacked(content: bytes) -> bytes:
    """What gzip has packed, other content as it is: no more of it is unpacked than is allowed."""
    if not content.startswith(_PACKED):
        return content
    if content.count(_PACKED) > _MOST_PARTS:
        raise SampleFileError(f"has more than {_MOST_PARTS} parts; allowed: a CSV file, packed by gzip or not")
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            found = stream.read(LARGEST_FILE + 1)
    except (OSError, EOFError, zlib.error):
        raise SampleFileError("cannot be unpacked: it is damaged or cut off; allowed: a whole file of gzip") from None
    if len(found) > LARGEST_FILE:
        raise SampleFileError(f"is more than {LARGEST_FILE} bytes long unpacked; allowed: up to {LARGEST_FILE} bytes")
    return found


def decoded(content: bytes, encoding: str) -> str:
    """The text of a file's `content`; `encoding` is a choice of the parameter table.

    `auto` is UTF-8 with or without BOM, a spreadsheet's UTF-16, or a heading in a Western code page.
    """
    if encoding == "auto" and content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    try:
        text = content.decode(_ENCODINGS.get(encoding, "utf-8-sig"))
    except UnicodeDecodeError:
        if encoding != "auto":
            raise SampleFileError(f"is not text in {encoding}; allowed: a CSV file in that encoding") from None
        text = content.decode("latin-1")
        if any(ord(character) < 32 and character not in "\t\r\n\f" for character in text):
            raise SampleFileError("is not text; allowed: a CSV file of two columns") from None
    if "\0" in text:
        raise SampleFileError("is not text; allowed: a CSV file of two columns")
    return text
