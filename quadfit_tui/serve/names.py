"""A class: the names in a table that its teacher has, and for each a token and a folder of records."""

from __future__ import annotations

import os
import secrets
import stat
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from quadfit_tui.core.files import access, open_file
from quadfit_tui.core.files.class_records import MOST_BYTES, TOKENS, content_of, is_name, tokens_of
from quadfit_tui.core.files.whole_file import write_over
from quadfit_tui.core.model.named_columns import TableError, named_columns
from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import quoted, with_allowed

MOST = 1000  # names of a class
_LONGEST, _MOST_OF_NAME = 60, 200  # characters of a name, and bytes: a folder has at most 255


class Student(NamedTuple):
    """A name of a class, the token that lets a page answer in it, and the folder where that is recorded."""

    name: str
    token: str
    folder: str


def names_in(content: bytes) -> list[str]:
    """The names of a CSV file, in its column `name`, in whatever way a spreadsheet has saved it; raises TableError.

    Each is to name a folder, on any file system: they differ in more than capital letters, or how accents are encoded.
    """
    names: list[str] = []
    seen: dict[str, int] = {}
    for number, (cell,) in named_columns(content, ["name"], _("a column with the heading name")):
        name = unicodedata.normalize("NFC", " ".join(cell.split()))
        _check(name, number)
        key = unicodedata.normalize("NFC", name.casefold())
        if key in seen:
            told = _("line {line}: {name} is in line {other} already; allowed: each once, whatever its capitals")
            raise TableError(told.format(line=number, name=quoted(name), other=seen[key]))
        seen[key] = number
        names.append(name)
    if not 0 < len(names) <= MOST:
        raise TableError(_("has {n} names; allowed: 1 to {most}").format(n=len(names), most=MOST))
    return names


def _check(name: str, line: int) -> None:
    """Raises TableError where a name can name no folder."""
    is_short = len(name) <= _LONGEST and len(name.encode(errors="replace")) <= _MOST_OF_NAME
    if not (is_short and name.isprintable() and "\\" not in name and is_name(name)):
        told = _("up to {most} characters that print, no / or \\, no dot at the beginning").format(most=_LONGEST)
        said = _("line {line}: {text} is no name of a folder").format(line=line, text=quoted(name))
        raise TableError(with_allowed(said, told))


def seated(names: Sequence[str], records: str) -> list[Student]:
    """The students of these names, with a folder for each below that of the records, which is made if there is none.

    Their tokens are those of before, in a file there that nobody else can read: an address stays the same. Raises
    OSError.
    """
    path = os.path.join(records, TOKENS)
    access.make_folder(path)
    folder = access.open_folder(records)
    try:
        status = os.fstat(folder)
        if status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise OSError(0, _("others can write there"))
        if os.path.islink(path):  # else the folder that is locked would not be the one of the file
            raise OSError(0, _("its file {file} is a link").format(file=TOKENS))
        open_file.lock(folder, open_file.LOCK_TIMEOUT)
        tokens = dict(_tokens(path))
        tokens |= {name: secrets.token_urlsafe(16) for name in names if name not in tokens}
        if len(content := content_of(tokens)) > MOST_BYTES:
            raise OSError(0, _("its file {file} is full; remove the names of those who have left").format(file=TOKENS))
        write_over(path, content, 0o600)
        for name in names:
            _make(name, folder)
    finally:
        os.close(folder)
    return [Student(name, tokens[name], os.path.abspath(os.path.join(records, name))) for name in names]


def _tokens(path: str) -> dict[str, str]:
    try:
        found = dict(tokens_of(access.read(path, MOST_BYTES)))
    except FileNotFoundError:
        return {}
    except (ValueError, RecursionError):
        raise OSError(0, _("its file {file} holds no tokens").format(file=TOKENS)) from None
    if len(set(found.values())) < len(found):
        raise OSError(0, _("its file {file} gives two names the same token").format(file=TOKENS))
    return found


def _make(name: str, folder: int) -> None:
    """Makes the folder of a name, which is nobody else's."""
    try:
        os.mkdir(name, 0o700, dir_fd=folder)
    except FileExistsError:
        status = os.lstat(name, dir_fd=folder)
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
            raise OSError(0, _("{name} is no directory of yours there").format(name=quoted(name))) from None
