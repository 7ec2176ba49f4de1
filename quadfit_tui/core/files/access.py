"""The only opener of a user's files, for reading and for writing.

`configure` sets for the whole program whether files outside of a folder are refused, which is the user's home folder or
another one. What cannot be opened raises OSError, whose `strerror` says why to the user; `allowed_text` says what would
be allowed.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import IO, NamedTuple, NoReturn

from quadfit_tui.core.files.home import NoHomeError, home_folder
from quadfit_tui.core.files.virtual_files import EXAMPLE, content_provided
from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import is_file_name, with_allowed


class _Rules(NamedTuple):
    home: str | None = None  # the folder, with no link in its path, outside of which nothing is opened; None: anywhere
    waits: bool = True  # for the other end of a pipe
    is_given: bool = False  # the folder, in the place of the user's home folder


_rules = _Rules()
Identity = tuple[int, int]  # device and inode, which a file or folder has whatever its names are
STANDARD_INPUT = "-"  # the name under which it is read

# What a system does not have makes no difference there: on Windows none is inherited, and no pipe is a file.
CLOSED_ON_EXEC = getattr(os, "O_CLOEXEC", 0)
NOT_WAITING = getattr(os, "O_NONBLOCK", 0)
_SEARCHED = getattr(os, "O_PATH", os.O_RDONLY)  # a folder to pass through, which one may not be allowed to list
FOLDER = getattr(os, "O_DIRECTORY", 0)
_BYTES = getattr(os, "O_BINARY", 0)  # where the system would write other ends of lines
NO_LINK = getattr(os, "O_NOFOLLOW", 0)


class TooLargeError(OSError):
    """A file has more bytes than `read` may take; `strerror` goes on where its name ends."""


def configure(confined: bool = False, folder: str | None = None) -> None:
    """Sets for the whole program where files may be opened: anywhere, in the user's home folder only, or in a `folder`.

    That one is given by whoever starts the program. Raises NoHomeError where there is no such folder, or it is `/`.
    """
    global _rules
    _rules = _Rules()
    if folder is not None:
        given = os.path.realpath(folder) if folder.strip() and is_file_name(folder) else ""
        if given == "/" or not os.path.isdir(given):
            why = _("'/' holds all files") if given == "/" else _("there is no directory of this name")
            raise NoHomeError(with_allowed(why, _("a directory of its own")))
        _rules = _Rules(given, is_given=True)
    elif confined:
        home = os.path.realpath(home_folder())
        if home == "/":
            raise NoHomeError(_("your home directory is '/', which holds all files; allowed: a directory of your own"))
        _rules = _Rules(home)


def forbid_blocking() -> None:
    """From now on refuses files that could keep the program waiting, such as a pipe that nobody writes to."""
    global _rules
    _rules = _rules._replace(waits=False)


def is_confined() -> bool:
    """Whether files outside of a folder are refused."""
    return _rules.home is not None


def given_folder() -> str | None:
    """The folder outside of which files are refused, if whoever started the program has named it."""
    return _rules.home if _rules.is_given else None


def home() -> str:
    """The folder that is meant by `~`; raises NoHomeError.

    It is the one that a shell would take, but not where it is to confine somebody, who could set it.
    """
    named = None if is_confined() else os.environ.get("HOME") or os.environ.get("USERPROFILE")
    return given_folder() or named or home_folder()


def allowed_text(what: str) -> str:
    """The end of a refusal, which says what would be allowed: `what`, and the folder where files are confined to it."""
    return what if _rules.home is None else _("{what} in {folder}").format(what=what, folder=_rules.home)


def is_allowed(path: str | os.PathLike[str]) -> bool:
    """Whether a file of this name may be opened or made, whether it exists or not."""
    return _rules.home is None or _is_below(_rules.home, os.path.realpath(_named(path)))


def open_descriptor(path: str | os.PathLike[str], flags: int, mode: int = 0o666, *, anywhere: bool = False) -> int:
    """Opens a file as os.open does, and returns its descriptor; raises OSError where it may not or cannot be opened.

    After `forbid_blocking` it returns at once, and opens only regular files for reading. Where files are confined, only
    regular files are opened at all. With NO_LINK among the flags the file itself must not be a link. One that whoever
    starts the program names may be `anywhere`.
    """
    if not os.fspath(path).strip() or not is_file_name(os.fspath(path)):
        _fail(errno.EINVAL, _("it is not the name of a file"))
    judged = _named(path) if anywhere else _judged(path)
    if flags & NO_LINK and os.path.islink(_named(path)):  # which the path as judged may have lost
        _fail(errno.ELOOP, _("it is a link"))
    if os.path.basename(path) in ("", ".", ".."):  # which a path without links, as judged, has lost
        _fail(errno.EISDIR, _("it names a directory"))
    flags |= CLOSED_ON_EXEC | _BYTES | (0 if _rules.waits else NOT_WAITING)
    try:
        descriptor = os.open(judged, flags, mode) if anywhere else _opened(judged, flags, mode)
    except OSError as failure:
        if failure.errno == errno.ENXIO and stat.S_ISFIFO(os.stat(judged).st_mode):
            _fail(errno.ENXIO, _("the pipe has no reader"))
        raise
    try:
        kind = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(kind):
            _fail(errno.EISDIR)
        is_written = bool(flags & (os.O_WRONLY | os.O_RDWR))
        if not stat.S_ISREG(kind) and (is_confined() or not (_rules.waits or is_written)):
            _fail(errno.EINVAL, _("it is not a regular file"))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _opened(judged: str, flags: int, mode: int) -> int:
    if _rules.home is None:
        return os.open(judged, flags, mode)
    return _descend(_rules.home, os.path.relpath(judged, _rules.home).split("/"), flags | os.O_NONBLOCK, mode)


def _input_again() -> int:
    """Another descriptor of standard input, which stays open."""
    try:
        return os.dup(0)
    except OSError:
        _fail(errno.EBADF, _("standard input is closed"))


def read(path: str | os.PathLike[str], most: int, *, waits: bool = True) -> bytes:
    """The content of a file of at most `most` bytes, of standard input for `-`; raises TooLargeError, else OSError.

    Under a name that was provided it is what was provided, under that of an example the program's own file. Without
    `waits` it is read only if it is a regular file, for which nobody has to write anything.
    """
    return b"".join(blocks(path, most, waits=waits))


def blocks(path: str | os.PathLike[str], most: int, size: int = 1 << 20, *, waits: bool = True) -> Iterator[bytes]:
    """What `read` gives in blocks of `size` bytes, but for the last one; raises what that raises, of any of them."""
    if (provided := content_provided(path)) is not None:
        yield from (provided[at : at + size] for at in range(0, len(provided), size))
        return
    is_input = os.fspath(path) == STANDARD_INPUT
    if is_input and not _rules.waits:
        _fail(errno.EINVAL, _("it is standard input, which is the keyboard here"))
    # Opens a pipe without waiting for a writer; one that has a writer is read to its end.
    descriptor = _input_again() if is_input else open_descriptor(path, os.O_RDONLY | NOT_WAITING)
    with os.fdopen(descriptor, "rb", size) as stream:
        status = os.fstat(descriptor)
        is_pipe = stat.S_ISFIFO(status.st_mode)
        if not (stat.S_ISREG(status.st_mode) or (waits and (is_pipe or is_input))):
            _fail(errno.EINVAL, _("it is not a regular file"))
        if is_pipe and NOT_WAITING and not is_input:
            os.set_blocking(descriptor, True)
        if status.st_size > most:
            raise TooLargeError(errno.EFBIG, _("is {n} bytes long").format(n=status.st_size))
        length = 0
        while (block := stream.read(size)) != b"":
            if block is None:  # it calls itself regular, and waits for more, as /proc/kmsg does
                _fail(errno.EINVAL, _("it is not a regular file"))
            length += len(block)
            if length > most:  # of a pipe, which does not tell its size
                raise TooLargeError(errno.EFBIG, _("is more than {most} bytes long").format(most=most))
            yield block
        if is_pipe and not (length or is_input):
            _fail(errno.ENODATA, _("it is a pipe without a writer"))


@contextmanager
def open_anothers(folder: str, name: str, is_given: bool = False) -> Iterator[tuple[int, int | None]]:
    """The descriptors of a folder that its owner may have filled with anything, and of a file in it, None without one.

    Neither of them may be a link, though a folder above them may be; nobody is waited for. Confined programs read of a
    folder only where it `is_given` by whoever starts them. Raises OSError.
    """
    if is_confined() and not is_given:
        _fail(errno.EACCES, _("files of other users are not read with --confined"))
    above, own = os.path.split(os.path.abspath(folder))
    to_folder, to_file = _SEARCHED | FOLDER, os.O_RDONLY | NOT_WAITING | os.O_NOCTTY
    with ExitStack() as opened:

        def descend(part: str, flags: int, into: int | None = None) -> int:
            descriptor = os.open(part, flags | CLOSED_ON_EXEC, dir_fd=into)
            opened.callback(os.close, descriptor)
            return descriptor

        try:
            within = descend(own or ".", to_folder | NO_LINK, descend(above, to_folder))
        except NotADirectoryError:
            _fail(errno.ENOTDIR, _("it is a link, or no directory"))
        file = None
        with suppress(FileNotFoundError):
            file = descend(name, to_file | NO_LINK, within)
        yield within, file


def open_folder(folder: str | os.PathLike[str], anywhere: bool = False) -> int:
    """Opens a folder to list it, and returns its descriptor; raises OSError where it may not or cannot be opened.

    One that whoever starts the program names may be `anywhere`.
    """
    flags = os.O_RDONLY | FOLDER | CLOSED_ON_EXEC
    return os.open(_named(folder), flags) if anywhere else _opened(_judged(folder), flags, 0)


def open_to_write(path: str | os.PathLike[str]) -> IO[str]:
    """Opens a new text file to be written, in UTF-8, and to be read by its owner only. Raises OSError."""
    descriptor = open_descriptor(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="\n")


def open_to_append(path: str | os.PathLike[str], mode: int, *, anywhere: bool = False) -> int:
    """Opens a regular file to be read and appended to, and returns its descriptor; makes it, and its folder, if needed.

    An empty file gets the permissions `mode`, whatever the umask; a link is not followed. The folder of one that may be
    `anywhere` has to be there. Raises OSError.
    """
    if not anywhere:
        make_folder(path)
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | NO_LINK | NOT_WAITING
    descriptor = open_descriptor(path, flags, mode, anywhere=anywhere)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        _fail(errno.EINVAL, _("it is not a regular file"))
    if not status.st_size and hasattr(os, "fchmod"):
        os.fchmod(descriptor, mode)
    return descriptor


def make_folder(path: str | os.PathLike[str]) -> None:
    """Makes the folder of a file, if there is none yet; raises OSError."""
    if _named(path) == path and os.fspath(path).startswith("~/"):
        _fail(errno.ENOENT, _("you have no home directory"))
    os.makedirs(os.path.dirname(os.path.abspath(_judged(path))), 0o700, exist_ok=True)


def real_path(path: str | os.PathLike[str]) -> str:
    """The path of a file with no link left in it, be there one or not; raises OSError where it may not be opened."""
    return os.path.realpath(_judged(path))


@contextmanager
def opened_folder(path: str | os.PathLike[str]) -> Iterator[tuple[int, str]]:
    """The folder that a file is in, opened, and the file's name there: links to it are followed. Raises OSError."""
    folder, name = os.path.split(real_path(path))
    descriptor = open_folder(folder)
    try:
        yield descriptor, name
    finally:
        os.close(descriptor)


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Whether there is a folder of this name that may be used."""
    return is_allowed(path) and os.path.isdir(_named(path))


def file_version(path: str | os.PathLike[str]) -> tuple[int, int]:
    """A file's time of change in nanoseconds and its size in bytes, to tell whether it was written since.

    Of what was provided, whatever tells it from other content. Raises OSError.
    """
    if (provided := content_provided(path)) is not None:
        return hash(provided), len(provided)
    about = os.stat(_judged(path))
    return about.st_mtime_ns, about.st_size


def exists(path: str | os.PathLike[str]) -> bool:
    """Whether there is something of this name; also where it may not be looked at, which opening it will tell."""
    try:
        os.stat(_judged(path))
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        pass
    return True


def is_filled(path: str | os.PathLike[str]) -> bool:
    """Whether a file of this name holds something already, which would be lost if it were written over."""
    with suppress(OSError, ValueError):  # there is none, or it may not be looked at
        status = os.stat(_judged(path))
        return stat.S_ISREG(status.st_mode) and status.st_size > 0
    return False


def identity(path: str | os.PathLike[str]) -> Identity | None:
    """The file or folder that a name leads to, however it is named; None where there is none to be looked at."""
    with suppress(OSError, ValueError):
        status = os.stat(_judged(path))
        return status.st_dev, status.st_ino
    return None


def folder_identity(path: str | os.PathLike[str]) -> Identity | None:
    """The folder that a file of this name is in, or would be made in, where the name is a link to none."""
    with suppress(OSError, ValueError):
        return identity(os.path.dirname(real_path(path)))
    return None


def is_same(path: str | os.PathLike[str], other: str | os.PathLike[str]) -> bool:
    """Whether two names lead to the same existing file."""
    return (one := identity(path)) is not None and one == identity(other)


def is_stream(path: str | os.PathLike[str], descriptor: int) -> bool:
    """Whether a name leads to what a descriptor has open already, as /dev/stdout does.

    Opened again, the file would have two places to write at, and each would write over what the other one wrote.
    """
    try:
        return os.path.samestat(os.stat(_judged(path)), os.fstat(descriptor))
    except OSError:
        return False


def path_from(folder: str | os.PathLike[str], path: str) -> str:
    """The path from here of a file whose `path` is written relative to a folder."""
    return path if _is_in_no_folder(path) else os.path.join(folder, path)


def path_for(folder: str | os.PathLike[str], path: str) -> str:
    """The path that `path_from` reads back to the same file: as it is, but absolute where the folder is another one."""
    return path if not os.fspath(folder) or _is_in_no_folder(path) else os.path.abspath(path)


def _is_in_no_folder(path: str) -> bool:
    """Whether a name means the same from wherever it is read."""
    return path == STANDARD_INPUT or path.startswith(EXAMPLE) or path != _named(path)


def _named(path: str | os.PathLike[str]) -> str:
    """The path with the home folder in the place of a leading `~`: in a field of the form no shell does that."""
    path = os.fspath(path)
    first, slash, rest = path.partition("/")
    if first != "~":
        return path
    try:
        return home() + slash + rest
    except NoHomeError:
        return path


def _judged(path: str | os.PathLike[str]) -> str:
    """A path that may be opened; with no link left in it where files are confined."""
    if _rules.home is None:
        return _named(path)
    real = os.path.realpath(_named(path))
    if not _is_below(_rules.home, real):
        outside = _("it is outside {folder}") if _rules.is_given else _("it is outside your home directory")
        _fail(errno.EACCES, outside.format(folder=_rules.home))
    return real


def _is_below(folder: str, path: str) -> bool:
    return os.path.commonpath([folder, path]) == folder


def _descend(home: str, parts: list[str], flags: int, mode: int) -> int:
    """Opens a file folder by folder, so that no link that has been put there since it was judged is followed."""
    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            os.close(folder)
            folder = below
        return os.open(parts[-1], flags | os.O_NOFOLLOW, mode, dir_fd=folder)
    finally:
        os.close(folder)


def _fail(number: int, reason: str = "") -> NoReturn:
    raise OSError(number, reason or os.strerror(number))
