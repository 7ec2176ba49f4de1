"""Sends a file to the terminal as a download (OSC 1337, as in iTerm2), which a page of serve saves, too."""

from __future__ import annotations

import base64
import errno
import os
from collections.abc import Iterator
from contextlib import suppress

from quadfit_tui.core.files import access
from quadfit_tui.core.text.language import _

MOST_BYTES = 7_000_000  # maximum size of a file: its sequence has at most the 10 MB that xterm.js accepts
CANCEL = b"\x18"  # the control character CAN: the terminal ignores the sequence that it is in
_PIECE = 3 << 13  # bytes of a piece: a multiple of three, of which base64 makes four


def download(path: str) -> Iterator[bytes]:
    """Yields the escape sequence for a file, piece by piece, then deletes the file from its folder.

    If the sequence cannot be completed, it is canceled, and the file stays. Raises OSError at once if the file cannot
    be read, or is too long; a file that is too long is deleted, too.
    """
    file = access.open_descriptor(path, os.O_RDONLY | access.NO_LINK | access.NOT_WAITING)
    status = os.fstat(file)
    if status.st_size > MOST_BYTES:
        os.close(file)
        _remove(path, status)
        template = _("it is {n} bytes long, and a download up to {most}")
        raise OSError(errno.EFBIG, template.format(n=f"{status.st_size:,}", most=f"{MOST_BYTES:,}"))
    return _pieces(path, file, status)


def _pieces(path: str, file: int, status: os.stat_result) -> Iterator[bytes]:
    """Yields the escape sequence of an open file; closes it, and deletes it if the sequence is complete."""
    try:
        name = base64.b64encode(os.path.basename(path).encode(errors="replace")).decode()
        yield f"\x1b]1337;File=name={name};size={status.st_size};inline=0:".encode()
        left = status.st_size
        while left and (piece := _read(file, min(_PIECE, left))):
            left -= len(piece)
            yield base64.b64encode(piece)
        yield CANCEL if left else b"\x07"
        if not left:
            _remove(path, status)
    finally:
        os.close(file)


def _remove(path: str, status: os.stat_result) -> None:
    """Deletes a file, if its path still leads to it."""
    if access.identity(path) == (status.st_dev, status.st_ino):
        with suppress(OSError), access.opened_folder(path) as (folder, name):
            os.unlink(name, dir_fd=folder)


def _read(file: int, most: int) -> bytes:
    """Returns exactly `most` bytes of a file, as base64 needs them, or none."""
    with suppress(OSError):
        piece = os.read(file, most)
        return piece if len(piece) == most else b""
    return b""
