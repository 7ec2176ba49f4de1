"""The only opener of a user's files, for reading and for writing.

`configure` sets for the whole program whether files outside of a folder, the user's home folder or another one, are
refused. If a file cannot be opened, functions raise OSError, whose `strerror` tells the user why; `allowed_text`
returns what would be allowed.
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
    home: str | None = None  # real path of the only folder where files may be opened; None: anywhere
    waits: bool = True  # whether opening and reading may wait for the other end of a pipe
    is_given: bool = False  # whether the folder was named on the command line, and is not the user's home folder


_rules = _Rules()
Identity = tuple[int, int]  # device and inode: the same under all names of a file or folder
STANDARD_INPUT = "-"  # the path that stands for standard input

# Flags that a system lacks are 0 and not needed there: on Windows no descriptor is inherited, and no pipe is a file.
CLOSED_ON_EXEC = getattr(os, "O_CLOEXEC", 0)
NOT_WAITING = getattr(os, "O_NONBLOCK", 0)
_SEARCHED = getattr(os, "O_PATH", os.O_RDONLY)  # opens a folder on the way even if the user may not list it
FOLDER = getattr(os, "O_DIRECTORY", 0)
_BYTES = getattr(os, "O_BINARY", 0)  # Windows would translate line ends
NO_LINK = getattr(os, "O_NOFOLLOW", 0)


class TooLargeError(OSError):
    """The error of a file with more bytes than the caller allows; `strerror` is a predicate to follow its name."""


def configure(confined: bool = False, folder: str | None = None) -> None:
    """Sets for the whole program where files may be opened: anywhere, in the user's home folder only, or in a `folder`.

    `folder` comes from the command line. Raises NoHomeError if there is no such folder, or it is `/`.
    """
    global _rules
    _rules = _Rules()
    if folder is not None:
        real = os.path.realpath(folder) if folder.strip() and is_file_name(folder) else ""
        if real == "/" or not os.path.isdir(real):
            why = _("'/' holds all files") if real == "/" else _("there is no directory of this name")
            raise NoHomeError(with_allowed(why, _("a directory of its own")))
        _rules = _Rules(real, is_given=True)
    elif confined:
        home = os.path.realpath(home_folder())
        if home == "/":
            raise NoHomeError(_("your home directory is '/', which holds all files; allowed: a directory of your own"))
        _rules = _Rules(home)


def forbid_blocking() -> None:
    """Forbids, for the rest of the process, files that may block, such as a pipe that nobody writes to."""
    global _rules
    _rules = _rules._replace(waits=False)


def is_confined() -> bool:
    """Whether files outside of a folder are refused."""
    return _rules.home is not None


def command_line_folder() -> str | None:
    """Returns the folder to which the command line confines files, or None if it names none."""
    return _rules.home if _rules.is_given else None


def home() -> str:
    """Returns the folder that `~` stands for; raises NoHomeError.

    It is $HOME, as in a shell, but not if files are confined: the user could set that.
    """
    from_environment = None if is_confined() else os.environ.get("HOME") or os.environ.get("USERPROFILE")
    return command_line_folder() or from_environment or home_folder()


def allowed_text(what: str) -> str:
    """Returns the end of an error message with what is allowed: `what`, and the folder if files are confined to it."""
    return what if _rules.home is None else _("{what} in {folder}").format(what=what, folder=_rules.home)


def is_allowed(path: str | os.PathLike[str]) -> bool:
    """Whether the confinement allows opening or creating a file of this name, whether it exists or not."""
    return _rules.home is None or _is_below(_rules.home, os.path.realpath(_expanded(path)))


def open_descriptor(path: str | os.PathLike[str], flags: int, mode: int = 0o666, *, anywhere: bool = False) -> int:
    """Opens a file as os.open does, and returns its descriptor; raises OSError if it may not or cannot be opened.

    After `forbid_blocking` it returns at once, and opens only regular files for reading. If files are confined, it
    opens only regular files. With NO_LINK among the flags the file itself must not be a link. `anywhere` is for files
    that the command line names: the confinement does not hold for these.
    """
    if not os.fspath(path).strip() or not is_file_name(os.fspath(path)):
        _fail(errno.EINVAL, _("it is not the name of a file"))
    allowed = _expanded(path) if anywhere else _allowed_path(path)
    if flags & NO_LINK and os.path.islink(_expanded(path)):  # in the allowed path, links may be resolved
        _fail(errno.ELOOP, _("it is a link"))
    if os.path.basename(path) in ("", ".", ".."):  # a real path never ends so
        _fail(errno.EISDIR, _("it names a directory"))
    flags |= CLOSED_ON_EXEC | _BYTES | (0 if _rules.waits else NOT_WAITING)
    try:
        descriptor = os.open(allowed, flags, mode) if anywhere else _open_allowed(allowed, flags, mode)
    except OSError as failure:
        if failure.errno == errno.ENXIO and stat.S_ISFIFO(os.stat(allowed).st_mode):
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


def _open_allowed(allowed: str, flags: int, mode: int) -> int:
    if _rules.home is None:
        return os.open(allowed, flags, mode)
    return _descend(_rules.home, os.path.relpath(allowed, _rules.home).split("/"), flags | os.O_NONBLOCK, mode)


def _duplicate_stdin() -> int:
    """Returns another descriptor of standard input, so that closing it leaves standard input open."""
    try:
        return os.dup(0)
    except OSError:
        _fail(errno.EBADF, _("standard input is closed"))


def read(path: str | os.PathLike[str], most: int, *, waits: bool = True) -> bytes:
    """Reads a file of at most `most` bytes, standard input for `-`; raises TooLargeError, else OSError.

    For a name that `register_virtual` knows, it returns that content; for that of an example, the program's own file.
    Without `waits`, only regular files are read, for which no other program has to write anything.
    """
    return b"".join(blocks(path, most, waits=waits))


def blocks(path: str | os.PathLike[str], most: int, size: int = 1 << 20, *, waits: bool = True) -> Iterator[bytes]:
    """Yields the content that `read` returns in blocks of `size` bytes, the last one shorter; raises as that does."""
    if (provided := content_provided(path)) is not None:
        yield from (provided[start : start + size] for start in range(0, len(provided), size))
        return
    is_input = os.fspath(path) == STANDARD_INPUT
    if is_input and not _rules.waits:
        _fail(errno.EINVAL, _("it is standard input, which is the keyboard here"))
    # NOT_WAITING opens a pipe without waiting for a writer; a pipe that has one is read to its end.
    descriptor = _duplicate_stdin() if is_input else open_descriptor(path, os.O_RDONLY | NOT_WAITING)
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
            if block is None:  # a file such as /proc/kmsg calls itself regular, but would block
                _fail(errno.EINVAL, _("it is not a regular file"))
            length += len(block)
            if length > most:  # the size of a pipe is not known before
                raise TooLargeError(errno.EFBIG, _("is more than {most} bytes long").format(most=most))
            yield block
        if is_pipe and not (length or is_input):
            _fail(errno.ENODATA, _("it is a pipe without a writer"))


@contextmanager
def open_untrusted(folder: str, name: str, is_given: bool = False) -> Iterator[tuple[int, int | None]]:
    """Opens another user's folder and a file in it, both possibly hostile; yields their descriptors, None without file.

    Neither may be a link, though a folder above them may be; opening never blocks. If files are confined, the folder
    must be one that the command line names: `is_given`. Raises OSError.
    """
    if is_confined() and not is_given:
        _fail(errno.EACCES, _("files of other users are not read with --confined"))
    above, last = os.path.split(os.path.abspath(folder))
    to_folder, to_file = _SEARCHED | FOLDER, os.O_RDONLY | NOT_WAITING | os.O_NOCTTY
    with ExitStack() as opened:

        def descend(part: str, flags: int, into: int | None = None) -> int:
            descriptor = os.open(part, flags | CLOSED_ON_EXEC, dir_fd=into)
            opened.callback(os.close, descriptor)
            return descriptor

        try:
            within = descend(last or ".", to_folder | NO_LINK, descend(above, to_folder))
        except NotADirectoryError:
            _fail(errno.ENOTDIR, _("it is a link, or no directory"))
        file = None
        with suppress(FileNotFoundError):
            file = descend(name, to_file | NO_LINK, within)
        yield within, file


def open_folder(folder: str | os.PathLike[str], anywhere: bool = False) -> int:
    """Opens a folder to list it, and returns its descriptor; raises OSError if it may not or cannot be opened.

    `anywhere` is for folders that the command line names: the confinement does not hold for these.
    """
    flags = os.O_RDONLY | FOLDER | CLOSED_ON_EXEC
    return os.open(_expanded(folder), flags) if anywhere else _open_allowed(_allowed_path(folder), flags, 0)


def open_to_write(path: str | os.PathLike[str]) -> IO[str]:
    """Creates a text file in UTF-8 that only its owner may read, opened for writing; raises OSError if it exists."""
    descriptor = open_descriptor(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="\n")


def open_to_append(path: str | os.PathLike[str], mode: int, *, anywhere: bool = False) -> int:
    """Opens a regular file for reading and appending, creating it and its folder if needed; returns the descriptor.

    An empty file gets the permissions `mode`, whatever the umask; a link is not followed. With `anywhere`, the
    confinement does not hold, and the folder has to exist. Raises OSError.
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
    """Creates the folder of a file, with those above it, if missing; raises OSError."""
    if _expanded(path) == path and os.fspath(path).startswith("~/"):
        _fail(errno.ENOENT, _("you have no home directory"))
    os.makedirs(os.path.dirname(os.path.abspath(_allowed_path(path))), 0o700, exist_ok=True)


def real_path(path: str | os.PathLike[str]) -> str:
    """Returns the path of a file with all links resolved, whether it exists or not; raises OSError if not allowed."""
    return os.path.realpath(_allowed_path(path))


@contextmanager
def opened_folder(path: str | os.PathLike[str]) -> Iterator[tuple[int, str]]:
    """Opens the folder of a file; yields its descriptor and the file's name in it, links resolved. Raises OSError."""
    folder, name = os.path.split(real_path(path))
    descriptor = open_folder(folder)
    try:
        yield descriptor, name
    finally:
        os.close(descriptor)


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Whether there is a folder of this name, and the confinement allows it."""
    return is_allowed(path) and os.path.isdir(_expanded(path))


def file_version(path: str | os.PathLike[str]) -> tuple[int, int]:
    """Returns a file's time of change in nanoseconds and its size in bytes, to notice that it was written since.

    For virtual files they are the content's hash and size. Raises OSError.
    """
    if (provided := content_provided(path)) is not None:
        return hash(provided), len(provided)
    status = os.stat(_allowed_path(path))
    return status.st_mtime_ns, status.st_size


def exists(path: str | os.PathLike[str]) -> bool:
    """Whether a file or folder of this name exists; true if that cannot be known: opening it then tells why."""
    try:
        os.stat(_allowed_path(path))
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        pass
    return True


def has_content(path: str | os.PathLike[str]) -> bool:
    """Whether a regular file of this name is not empty, so that overwriting it would lose something."""
    with suppress(OSError, ValueError):  # it does not exist, or may not be looked at
        status = os.stat(_allowed_path(path))
        return stat.S_ISREG(status.st_mode) and status.st_size > 0
    return False


def identity(path: str | os.PathLike[str]) -> Identity | None:
    """Returns device and inode of the file or folder that a name leads to; None if it is missing or not allowed."""
    with suppress(OSError, ValueError):
        status = os.stat(_allowed_path(path))
        return status.st_dev, status.st_ino
    return None


def folder_identity(path: str | os.PathLike[str]) -> Identity | None:
    """Returns device and inode of the folder that a file is in, or would be created in; None if there is no folder."""
    with suppress(OSError, ValueError):
        return identity(os.path.dirname(real_path(path)))
    return None


def is_same(path: str | os.PathLike[str], other: str | os.PathLike[str]) -> bool:
    """Whether two names lead to the same existing file."""
    return (one := identity(path)) is not None and one == identity(other)


def is_stream(path: str | os.PathLike[str], descriptor: int) -> bool:
    """Whether a path leads to the file that a descriptor has open already, as /dev/stdout does.

    Opened again, the file would have two positions, and writes at one would overwrite writes at the other.
    """
    try:
        return os.path.samestat(os.stat(_allowed_path(path)), os.fstat(descriptor))
    except OSError:
        return False


def path_from(folder: str | os.PathLike[str], path: str) -> str:
    """Converts a path that is relative to `folder`, as in a configuration file there, to one for the current folder."""
    return path if _is_independent(path) else os.path.join(folder, path)


def path_for(folder: str | os.PathLike[str], path: str) -> str:
    """Returns the path to write into a file in `folder`, which `path_from` reads back: absolute if needed."""
    return path if not os.fspath(folder) or _is_independent(path) else os.path.abspath(path)


def _is_independent(path: str) -> bool:
    """Whether a path means the same in any folder: standard input, an example, or a path that begins with `~`."""
    return path == STANDARD_INPUT or path.startswith(EXAMPLE) or path != _expanded(path)


def _expanded(path: str | os.PathLike[str]) -> str:
    """Returns the path with the home folder for a leading `~`, since no shell expands it in a field of the form."""
    path = os.fspath(path)
    first, slash, rest = path.partition("/")
    if first != "~":
        return path
    try:
        return home() + slash + rest
    except NoHomeError:
        return path


def _allowed_path(path: str | os.PathLike[str]) -> str:
    """Returns the path to open, with links resolved if files are confined; raises OSError if it is not allowed."""
    if _rules.home is None:
        return _expanded(path)
    real = os.path.realpath(_expanded(path))
    if not _is_below(_rules.home, real):
        template = _("it is outside {folder}") if _rules.is_given else _("it is outside your home directory")
        _fail(errno.EACCES, template.format(folder=_rules.home))
    return real


def _is_below(folder: str, path: str) -> bool:
    return os.path.commonpath([folder, path]) == folder


def _descend(home: str, parts: list[str], flags: int, mode: int) -> int:
    """Opens a file folder by folder, so that it follows no link that was put there after the path was checked."""
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
