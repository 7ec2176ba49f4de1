"""Content under names of no real files: samples that a lesson brings along, and the files of the package itself."""

from __future__ import annotations

import errno
import os

from quadfit_tui.core.text.language import _, comma_separated

EXAMPLE = "example:"  # prefix of the names of the program's own files of samples

_provided: dict[str, bytes] = {}


def register_virtual(name: str, content: bytes) -> None:
    """Registers content that `read` of access.py then returns for a name: for samples that a lesson brings along."""
    _provided[name] = content


def is_provided(name: str) -> bool:
    """Whether a name was registered by `register_virtual`: neither a file nor an example of the program has it."""
    return name in _provided and not name.startswith(EXAMPLE)


def example_names() -> list[str]:
    """Lists the names, as `example:pontius`, by which `read` of access.py loads the program's own files of samples."""
    return [EXAMPLE + file.removesuffix(".csv") for file in sorted(program_files("examples")) if file.endswith(".csv")]


def content_provided(path: str | os.PathLike[str]) -> bytes | None:
    """Returns the content of a virtual file; None if `path` is a real file's. Raises OSError for an unknown example."""
    name = os.fspath(path)
    if name.startswith(EXAMPLE) and name not in _provided:
        if name not in (names := example_names()):
            why = _("there is no such example; there are {names}").format(names=comma_separated(names))
            raise OSError(errno.ENOENT, why)
        _provided[name] = program_files("examples")[f"{name.removeprefix(EXAMPLE)}.csv"]
    return _provided.get(name)


def program_files(folder: str) -> dict[str, bytes]:
    """Reads the files below a folder of the package itself, by relative path; no confinement applies to these."""
    from importlib.resources import files  # most commands need none

    contents, folders = {}, [("", files("quadfit_tui").joinpath(folder))]
    for prefix, parent in folders:  # the list grows meanwhile
        for entry in parent.iterdir():
            if entry.is_dir():
                folders.append((f"{prefix}{entry.name}/", entry))
            else:
                contents[prefix + entry.name] = entry.read_bytes()
    return contents
