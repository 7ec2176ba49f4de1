"""Reads a file that somebody names, whatever that turns out to be: never waits, and takes no more than is allowed."""

from __future__ import annotations

import os
import stat

from quadfit_tui.core.kinds import is_file_name


class TextFileError(ValueError):
    """What is no file to be read; the text says why, and does not name it."""


def read_bytes(path: str, most: int) -> bytes:
    """The content of the file at `path`, which may have `most` bytes.

    Raises TextFileError. A pipe could keep one waiting, and could be read only once; a device need not end.
    """
    if not is_file_name(path):
        raise TextFileError("is not the name of a file")
    try:
        # Without waiting for somebody who writes, as to open a pipe does.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise TextFileError("cannot be read: it is a pipe or a device")
            if found.st_size > most:
                raise TextFileError(f"is {found.st_size} bytes long")
            content = file.read(most + 1)
    except OSError as failure:
        raise TextFileError(f"cannot be read: {failure.strerror}") from None
    if len(content) > most:  # some files of the system do not tell their size
        raise TextFileError(f"is more than {most} bytes long")
    return content
