"""Lists folders: files by suffix or pattern, and completions of a path that somebody types."""

from __future__ import annotations

import errno
import os
import stat
from itertools import islice

from quadfit_tui.core.files import access, virtual_files
from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import is_file_name

# Of files that hold nothing else, or may.
_TABLES = tuple(kind + packed for kind in (".csv", ".tsv", ".dat", ".log") for packed in ("", ".gz"))
_MOST_NAMES = 2000  # of a folder that are looked at while somebody types
_SUFFIXES = (".csv", ".tsv", ".dat", ".log", ".txt", ".gz", "/")  # of a file of samples, or where it may stand


def completion(typed: str, *, saves: bool = False) -> str | None:
    """The name of a file or folder that `typed` may be the beginning of; None where there is none.

    Files of samples and folders come before others; where it `saves`, and a new file is as likely, folders alone do.
    """
    if not typed or not is_file_name(typed):
        return None
    folder, slash, part = typed.rpartition("/")
    examples = [] if slash or saves else virtual_files.example_names()
    first = "/" if saves else _SUFFIXES
    shown = filter(str.isprintable, names_in(folder + slash or ".", first))
    names = [*examples, *(f"{folder}{slash}{name}" for name in shown)]
    longer = [name for name in names if name.startswith(typed) and len(name) > len(typed)]
    return next((name for name in longer if part or not name[len(typed) :].startswith(".")), None)


def matches(pattern: str) -> list[str]:
    """Returns the paths that match a pattern, such as `/home/*/lessons`, or the path that it is, if there is one."""
    from glob import glob  # few commands have patterns

    path = os.path.expanduser(pattern)
    return [path] if os.path.lexists(path) else sorted(glob(path))


def sample_files() -> list[str]:
    """The files of the present folder that may hold samples, by their names; pipes and hidden files are left out."""
    names = names_in(".", regular=True)
    return [name for name in names if name.lower().endswith(_TABLES) and name.isprintable() and name[0] != "."]


def names_in(folder: str, first: str | tuple[str, ...] = _SUFFIXES, *, regular: bool = False) -> list[str]:
    """The names in a folder, of folders with a slash, those that end so first; none where it may not be listed.

    With `regular` these are the names of regular files alone.
    """
    try:
        descriptor = access.open_folder(folder)
    except OSError:
        return []
    try:
        with os.scandir(descriptor) as entries:
            # Where files are confined, nothing is told of where a link leads.
            follows = not access.is_confined()
            names = [
                entry.name + "/" * entry.is_dir(follow_symlinks=follows)
                for entry in islice(entries, _MOST_NAMES)
                if not regular or entry.is_file(follow_symlinks=follows)
            ]
    except OSError:
        return []
    finally:
        os.close(descriptor)
    return sorted(names, key=lambda name: (not name.lower().endswith(first), name))


def folder_files(folder: str, suffix: str, most: int, most_files: int) -> dict[str, bytes]:
    """The files with a suffix in a folder and in those directly below it, by their paths from there.

    Not confined: it is for a folder that whoever starts the program names. No link is followed, and only regular files
    are read, each by a descriptor of its folder; of a larger one than `most` bytes, `most` + 1 of them. Raises OSError.
    """
    contents: dict[str, bytes] = {}
    _read_folder(access.open_folder(folder, anywhere=True), "", suffix, most, most_files, contents)
    return contents


def _read_folder(
    descriptor: int, before: str, suffix: str, most: int, most_files: int, contents: dict[str, bytes]
) -> None:
    try:
        for name in sorted(os.listdir(descriptor)):
            how = os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_mode
            if stat.S_ISDIR(how) and not before and not name.startswith("."):
                below = os.open(
                    name, os.O_RDONLY | access.FOLDER | os.O_NOFOLLOW | access.CLOSED_ON_EXEC, dir_fd=descriptor
                )
                _read_folder(below, f"{name}/", suffix, most, most_files, contents)
            elif stat.S_ISREG(how) and name.endswith(suffix) and is_file_name(name):
                if len(contents) >= most_files:
                    why = _("has more than {most} files {suffix}").format(most=most_files, suffix=suffix)
                    raise access.TooLargeError(errno.EFBIG, why)
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | access.CLOSED_ON_EXEC
                with os.fdopen(os.open(name, flags, dir_fd=descriptor), "rb") as stream:
                    contents[before + name] = stream.read(most + 1)
    finally:
        os.close(descriptor)
