"""Content under names that are no files': samples that a lesson brings along, and the files of the package itself."""

from __future__ import annotations

import errno
import os

from quadfit_tui.core.text.language import _, comma_separated

EXAMPLE = "example:"  # what the names of the program's own files of samples begin with

_provided: dict[str, bytes] = {}


def register_virtual(name: str, content: bytes) -> None:
    """Makes `read` of access.py give `content` under a name, as of a file: for samples that a lesson brings along."""
    _provided[name] = content


def is_provided(name: str) -> bool:
    """Whether what is read under a name was provided: neither a file nor one of the program's own holds it."""
    return name in _provided and not name.startswith(EXAMPLE)


def example_names() -> list[str]:
    """The names under which `read` gives the program's own files of samples."""
    return [EXAMPLE + file.removesuffix(".csv") for file in sorted(program_files("examples")) if file.endswith(".csv")]


def content_provided(path: str | os.PathLike[str]) -> bytes | None:
    """What `read` gives under a name that is no file's; None for a file."""
    name = os.fspath(path)
    if name.startswith(EXAMPLE) and name not in _provided:
        if name not in (names := example_names()):
            why = _("there is no such example; there are {names}").format(names=comma_separated(names))
            raise OSError(errno.ENOENT, why)
        _provided[name] = program_files("examples")[f"{name.removeprefix(EXAMPLE)}.csv"]
    return _provided.get(name)


def program_files(folder: str) -> dict[str, bytes]:
    """The files below a folder of the package itself, by their paths from there, wherever files are confined to."""
    from importlib.resources import files  # most commands need none

    contents, folders = {}, [("", files("quadfit_tui").joinpath(folder))]
    for before, place in folders:
        for entry in place.iterdir():
            if entry.is_dir():
                folders.append((f"{before}{entry.name}/", entry))
            else:
                contents[before + entry.name] = entry.read_bytes()
    return contents
