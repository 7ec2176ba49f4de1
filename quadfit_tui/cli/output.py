"""Where lines go: to standard output, to the file of `--output` or, where something is wrong, to standard error.

A file that cannot be written is refused in one line. What the commands have in common beside that stands here, too:
exit codes, and what signals do.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import IO, TYPE_CHECKING, NoReturn

import click

from quadfit_tui.cli.options import given, refuse, refuse_closed_output
from quadfit_tui.core.export.formats import style_of
from quadfit_tui.core.files import access
from quadfit_tui.core.text.quoting import quoted

if TYPE_CHECKING:
    from quadfit_tui.core.export.recorder import Put, RunRecorder
    from quadfit_tui.core.files.line_file import LineFile

NAME = "quadfit-tui"
SLICE = 0.05  # seconds of training between two looks at the interrupt key
OK, BAD_INPUT, DIVERGED, INTERRUPTED = 0, 2, 3, 130  # exit codes


@contextmanager
def opened(path: str | None) -> Iterator[Put]:
    """What takes lines to a file, or else to standard output."""
    if path is None:
        refuse_closed_output(", or --output FILE" if click.get_current_context().info_name == "run" else "")
        yield print_lines
        return
    if _is_stream(path, sys.stderr):
        yield partial(print_lines, stream=sys.stderr)
        return
    file = _line_file(path)
    try:
        with closing(file):
            yield file.write
    except OSError as failure:
        raise _unwritten(path, failure.strerror) from None


def is_standard_output(path: str | None) -> bool:
    """Whether `--output` asks for standard output: by `-`, or by any name of what that leads to."""
    return path == "-" or (path is not None and _is_stream(path, sys.stdout))


def _is_stream(path: str, stream: IO[str] | None) -> bool:
    if stream is None:
        return False
    try:
        return access.is_stream(path, stream.fileno())
    except (OSError, ValueError):  # a stream within the program, or a name that none can have
        return False


def _line_file(path: str) -> LineFile:
    from quadfit_tui.core.files.line_file import LineFile

    try:
        return LineFile(path)
    except (OSError, ValueError) as failure:
        _refuse(path, _why(path, failure))


def print_lines(lines: list[str], stream: IO[str] | None = None) -> None:
    """Writes lines to a stream, standard output by default, each at once."""
    for line in lines:
        print(line, file=stream, flush=True)


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


def run_file(path: str | None, style: str | None, every: int) -> RunRecorder | None:
    """The file that the app writes, not opened yet."""
    if path is None:
        for name, option in (("style", "--format"), ("every", "--every")):
            if name in given():
                raise click.UsageError(f"{option} is about the lines of a file; allowed: with --output FILE")
        return None
    if path == "-":
        refuse("--output", "'-' is the screen, which the app needs; allowed: a file")
    from quadfit_tui.core.export.recorder import RunRecorder

    return RunRecorder(path, style or style_of(path), every)


@contextmanager
def written(file: RunRecorder | None) -> Iterator[None]:
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
        raise _unwritten(file.path, file.failure)


def refuse_own_source(path: str | None, *sources: str | None) -> None:
    """Refuses to write over what the run is made from."""
    for source in sources:
        if path and source and access.is_same(path, source):
            refuse("--output", f"{quoted(path)} is what the run is made from; allowed: another file")


def _why(path: str, failure: Exception) -> object:
    """What keeps a new file from being made: that it is not there is no reason."""
    if isinstance(failure, FileNotFoundError) and not os.path.isdir(os.path.dirname(path) or "."):
        return "its folder does not exist"
    return getattr(failure, "strerror", failure)


def _unwritten(path: str, why: object) -> click.ClickException:
    """What to say of a file that could be had, but not be written to the end: nothing was wrong with its name."""
    return click.ClickException(f"--output: {quoted(path)} cannot be written: {why}")


def _refuse(path: str, why: object) -> NoReturn:
    refuse("--output", f"{quoted(path)} cannot be written: {why}; allowed: {access.allowed('a file')}")


@contextmanager
def interruptible() -> Iterator[None]:
    """Has ctrl+c raise KeyboardInterrupt, where it would end the program (see __main__): a file is to be closed."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def be_a_filter() -> None:
    """Lets the program end quietly when `| head` has had enough."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
