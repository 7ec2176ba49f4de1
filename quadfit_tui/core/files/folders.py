"""Lists folders: files by suffix or pattern, and completions of a path that the user types."""

from __future__ import annotations

import errno
import os
import stat
from itertools import islice

from quadfit_tui.core.files import access, virtual_files
from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import is_file_name

# Suffixes of files that hold tables of numbers, or may.
_TABLES = tuple(kind + packed for kind in (".csv", ".tsv", ".dat", ".log") for packed in ("", ".gz"))
_MOST_NAMES = 2000  # maximum number of names in a folder that are read while the user types
_SUFFIXES = (".csv", ".tsv", ".dat", ".log", ".txt", ".gz", "/")  # of files of samples, and of folders


def completion(prefix: str, *, saves: bool = False) -> str | None:
    """Returns a file or folder whose path begins with `prefix`, to complete a field; None if there is none.

    Files of samples and folders come before others. With `saves`, the field names a file to write, which is often new:
    then only folders come first.
    """
    if not prefix or not is_file_name(prefix):
        return None
    folder, slash, part = prefix.rpartition("/")
    examples = [] if slash or saves else virtual_files.example_names()
    first = "/" if saves else _SUFFIXES
    printable = filter(str.isprintable, names_in(folder + slash or ".", first))
    names = [*examples, *(f"{folder}{slash}{name}" for name in printable)]
    longer = [name for name in names if name.startswith(prefix) and len(name) > len(prefix)]
    return next((name for name in longer if part or not name[len(prefix) :].startswith(".")), None)


def matches(pattern: str) -> list[str]:
    """Returns the existing paths that match a pattern, such as `/home/*/lessons`; a path that exists matches itself."""
    from glob import glob  # few commands have patterns

    path = os.path.expanduser(pattern)
    return [path] if os.path.lexists(path) else sorted(glob(path))


def sample_files() -> list[str]:
    """Returns the names of files in the current folder that may hold samples; pipes and hidden files are left out."""
    names = names_in(".", regular=True)
    return [name for name in names if name.lower().endswith(_TABLES) and name.isprintable() and name[0] != "."]


def names_in(folder: str, first: str | tuple[str, ...] = _SUFFIXES, *, regular: bool = False) -> list[str]:
    """Lists the names in a folder, folders with a slash at the end; empty if it may not be listed.

    Names that end with one of `first` come first. With `regular`, only regular files are listed.
    """
    try:
        descriptor = access.open_folder(folder)
    except OSError:
        return []
    try:
        with os.scandir(descriptor) as entries:
            # If files are confined, the list must not reveal whether a link leads to a folder.
            follows = not access.is_confined()
            names = [
                f"{entry.name}/" if entry.is_dir(follow_symlinks=follows) else entry.name
                for entry in islice(entries, _MOST_NAMES)
                if not regular or entry.is_file(follow_symlinks=follows)
            ]
    except OSError:
        return []
    finally:
        os.close(descriptor)
    return sorted(names, key=lambda name: (not name.lower().endswith(first), name))


def folder_files(folder: str, suffix: str, most: int, most_files: int) -> dict[str, bytes]:
    """Reads the files with a suffix in a folder and in those directly below it; returns content by relative path.

    It is for a folder that the command line names, and not confined. It follows no link and reads only regular files,
    each by a descriptor of its folder. Of a file larger than `most` bytes, it reads `most` + 1. Raises OSError,
    TooLargeError for more than `most_files` files.
    """
    contents: dict[str, bytes] = {}
    _read_folder(access.open_folder(folder, anywhere=True), "", suffix, most, most_files, contents)
    return contents


def _read_folder(
    descriptor: int, before: str, suffix: str, most: int, most_files: int, contents: dict[str, bytes]
) -> None:
    try:
        for name in sorted(os.listdir(descriptor)):
            kind = os.stat(name, dir_fd=descriptor, follow_symlinks=False).st_mode
            if stat.S_ISDIR(kind) and not before and not name.startswith("."):
                below = os.open(
                    name, os.O_RDONLY | access.FOLDER | os.O_NOFOLLOW | access.CLOSED_ON_EXEC, dir_fd=descriptor
                )
                _read_folder(below, f"{name}/", suffix, most, most_files, contents)
            elif stat.S_ISREG(kind) and name.endswith(suffix) and is_file_name(name):
                if len(contents) >= most_files:
                    why = _("has more than {most} files {suffix}").format(most=most_files, suffix=suffix)
                    raise access.TooLargeError(errno.EFBIG, why)
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | access.CLOSED_ON_EXEC
                with os.fdopen(os.open(name, flags, dir_fd=descriptor), "rb") as stream:
                    contents[before + name] = stream.read(most + 1)
    finally:
        os.close(descriptor)
