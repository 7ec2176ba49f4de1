"""Where lines go: to standard output, to the file of `--output` or, where something is wrong, to standard error.

A file that cannot be written is refused in one line. What the commands have in common beside that stands here, too.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import IO, TYPE_CHECKING, NoReturn

import click

from quadfit_tui.core import files
from quadfit_tui.core.export import style_of
from quadfit_tui.core.kinds import quoted
from quadfit_tui.options import given, refuse

if TYPE_CHECKING:
    from quadfit_tui.core.linefile import LineFile
    from quadfit_tui.core.runfile import Put, RunFile

NAME = "quadfit-tui"
SLICE = 0.05  # seconds of training between two looks at the interrupt key
OK, BAD_INPUT, DIVERGED, INTERRUPTED = 0, 2, 3, 130  # exit codes


@contextmanager
def opened(path: str | None) -> Iterator[Put]:
    """What takes lines to a file, or else to standard output."""
    if path is None:
        if sys.stdout is None:
            raise click.UsageError("standard output is closed; allowed: open, or --output FILE")
        yield print_lines
        return
    file = _line_file(path)
    try:
        with closing(file):
            yield file.write
    except OSError as failure:
        _refuse(path, failure.strerror)


def _line_file(path: str) -> LineFile:
    from quadfit_tui.core.linefile import LineFile

    try:
        return LineFile(path)
    except (OSError, ValueError) as failure:
        _refuse(path, _why(path, failure))


def print_lines(lines: list[str]) -> None:
    """Writes lines to standard output, each at once."""
    for line in lines:
        print(line, flush=True)


def complain(line: str) -> None:
    """Writes a line to standard error, or to nowhere where that is closed: standard output is for results."""
    if sys.stderr is not None:
        with suppress(OSError):  # nobody is there any more
            print(line, file=sys.stderr, flush=True)


def fail(message: str) -> int:
    """Says in one line what is wrong; what came with the arguments and would not print is written as in a program."""
    line = " ".join(message.split())
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in line)
    complain(f"{NAME}: {shown}")
    return BAD_INPUT


def knows_unicode(stream: IO[str]) -> bool:
    """Whether all characters can be written to a stream."""
    return (getattr(stream, "encoding", None) or "ascii").lower().startswith("utf")


def run_file(path: str | None, style: str | None, every: int) -> RunFile | None:
    """The file that the app writes, not opened yet."""
    if path is None:
        for name, option in (("style", "--format"), ("every", "--every")):
            if name in given():
                raise click.UsageError(f"{option} is about the lines of a file; allowed: with --output FILE")
        return None
    if path == "-":
        refuse("--output", "'-' is the screen, which the app needs; allowed: a file")
    from quadfit_tui.core.runfile import RunFile

    return RunFile(path, style or style_of(path), every)


@contextmanager
def written(file: RunFile | None) -> Iterator[None]:
    """Has the app's file open; refuses it at last, too, where not all could be written."""
    if file is None:
        yield
        return
    try:
        file.start()
    except (OSError, ValueError) as failure:
        _refuse(file.path, _why(file.path, failure))
    try:
        yield
    finally:
        file.close()
    if file.failure:
        _refuse(file.path, file.failure)


def refuse_own_source(path: str | None, *sources: str | None) -> None:
    """Refuses to write over what the run is made from."""
    for source in sources:
        if path and source and files.is_same(path, source):
            refuse("--output", f"{quoted(path)} is what the run is made from; allowed: another file")


def _why(path: str, failure: Exception) -> object:
    """What keeps a new file from being made: that it is not there is no reason."""
    if isinstance(failure, FileNotFoundError):
        return "its folder does not exist" if path else "it is not the name of a file"
    return getattr(failure, "strerror", failure)


def _refuse(path: str, why: object) -> NoReturn:
    refuse("--output", f"{quoted(path)} cannot be written: {why}; allowed: {files.allowed('a file')}")
