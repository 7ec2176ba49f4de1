"""Sends a file to the terminal as a download (OSC 1337, as iTerm2 takes it), which a page of serve saves, too."""

from __future__ import annotations

import base64
import errno
import os
from collections.abc import Iterator
from contextlib import suppress

from quadfit_tui.core.files import access
from quadfit_tui.core.text.language import _

MOST_BYTES = 7_000_000  # of a file: its sequence is not longer than the 10 MB that xterm.js takes
CANCEL = b"\x18"  # the control character CAN: the sequence that a terminal is in counts for nothing
_PIECE = 3 << 13  # bytes in one go, three by three, of which base64 makes four


def download(path: str) -> Iterator[bytes]:
    """The sequence for a file, piece by piece; once the last one is taken, the file is gone from its folder.

    A sequence that cannot be made to its end is canceled, and the file stays. Raises OSError at once where the file
    cannot be read, or is too long; that one is gone, too.
    """
    file = access.open_descriptor(path, os.O_RDONLY | access.NO_LINK | access.NOT_WAITING)
    status = os.fstat(file)
    if status.st_size > MOST_BYTES:
        os.close(file)
        _remove(path, status)
        told = _("it is {n} bytes long, and a download up to {most}")
        raise OSError(errno.EFBIG, told.format(n=f"{status.st_size:,}", most=f"{MOST_BYTES:,}"))
    return _pieces(path, file, status)


def _pieces(path: str, file: int, status: os.stat_result) -> Iterator[bytes]:
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
    """Takes a file out of its folder, if the name still leads to it."""
    if access.identity(path) == (status.st_dev, status.st_ino):
        with suppress(OSError), access.opened_folder(path) as (folder, name):
            os.unlink(name, dir_fd=folder)


def _read(file: int, most: int) -> bytes:
    """So many bytes of a file, as base64 needs them, or none."""
    with suppress(OSError):
        piece = os.read(file, most)
        return piece if len(piece) == most else b""
    return b""
