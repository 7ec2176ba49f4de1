"""The students of a class: for each name a token and a folder of records."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Sequence
from typing import NamedTuple

from quadfit_tui.core.files import access, open_file
from quadfit_tui.core.files.atomic_file import write_over
from quadfit_tui.core.files.class_records import MOST_BYTES, TOKENS, format_tokens, parse_tokens
from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import quoted


class Student(NamedTuple):
    """A name of a class, the token that lets a page answer in it, and the folder where that is recorded."""

    name: str
    token: str
    folder: str


def enroll(names: Sequence[str], records: str) -> list[Student]:
    """Returns a student for each name, with a folder below that of the records; makes what is missing.

    Known names keep their tokens, from a file there that nobody else can read, so that their addresses stay the same.
    Raises OSError.
    """
    path = os.path.join(records, TOKENS)
    access.make_folder(path)
    folder = access.open_folder(records)
    try:
        status = os.fstat(folder)
        if status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise OSError(0, _("others can write there"))
        if os.path.islink(path):  # then the locked folder would not be the one of the file
            raise OSError(0, _("its file {file} is a link").format(file=TOKENS))
        open_file.lock(folder, open_file.LOCK_TIMEOUT)
        tokens = dict(_tokens(path))
        tokens |= {name: secrets.token_urlsafe(16) for name in names if name not in tokens}
        if len(content := format_tokens(tokens)) > MOST_BYTES:
            raise OSError(0, _("its file {file} is full; remove the names of those who have left").format(file=TOKENS))
        write_over(path, content, 0o600)
        for name in names:
            _make(name, folder)
    finally:
        os.close(folder)
    return [Student(name, tokens[name], os.path.abspath(os.path.join(records, name))) for name in names]


def _tokens(path: str) -> dict[str, str]:
    """Reads the tokens of names, none if there is no file yet; raises OSError if it is damaged."""
    try:
        tokens = dict(parse_tokens(access.read(path, MOST_BYTES)))
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError):
        raise OSError(0, _("its file {file} holds no tokens").format(file=TOKENS)) from None
    if len(set(tokens.values())) < len(tokens):
        raise OSError(0, _("its file {file} gives two names the same token").format(file=TOKENS))
    return tokens


def _make(name: str, folder: int) -> None:
    """Makes the folder of a student in an open folder; raises OSError if another account owns one of that name."""
    try:
        os.mkdir(name, 0o700, dir_fd=folder)
    except FileExistsError:
        status = os.lstat(name, dir_fd=folder)
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
            raise OSError(0, _("{name} is no directory of yours there").format(name=quoted(name))) from None
