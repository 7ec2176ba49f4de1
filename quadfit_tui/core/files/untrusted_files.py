"""Reads files of other users as hostile input: regular files only, no links, no waiting."""

from __future__ import annotations

import errno
import os
import stat
from typing import NamedTuple

from quadfit_tui.core.files import access, open_file
from quadfit_tui.core.text.language import _


class UntrustedFile(NamedTuple):
    """A file in the folder of another user: the folder's owner (user number), the file's device and inode, its content.

    `content` is the requested piece, `size` that of the whole file in bytes. If the folder has no such file, `identity`
    is None and `content` empty.
    """

    owner: int
    identity: tuple[int, int] | None
    content: bytes
    size: int = 0


def read_untrusted(
    folder: str, name: str, most: int, *, start: int = 0, piece: int | None = None, is_given: bool = False
) -> UntrustedFile:
    """Reads a file of at most `most` bytes in another user's folder as hostile input; from `start` on, `piece` bytes.

    It must be a regular file of the folder's owner: a hard link to the file of another user is refused, but the owner's
    own file is read even if others link to it. `is_given` is that of open_anothers. Raises OSError, whose `strerror`
    tells the user why.
    """
    try:
        with access.open_untrusted(folder, name, is_given) as (within, file):
            owner = os.fstat(within).st_uid
            if file is None:
                return UntrustedFile(owner, None, b"")
            status = os.fstat(file)
            _check(status, owner)
            content = open_file.read(file, start, min(piece or most + 1, max(0, most + 1 - start)))
    except OSError as failure:
        if failure.errno in (errno.ELOOP, errno.ENXIO):  # a link, a socket
            raise OSError(failure.errno, _("it is no regular file")) from None
        raise
    if status.st_size > most or start + len(content) > most:
        raise OSError(errno.EFBIG, _("it is longer than {most} bytes").format(most=most))
    return UntrustedFile(owner, (status.st_dev, status.st_ino), content, status.st_size)


def _check(status: os.stat_result, owner: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, _("it is no regular file"))
    if status.st_uid != owner:
        raise OSError(errno.EINVAL, _("it does not belong to the owner of its folder"))
