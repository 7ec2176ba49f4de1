"""What commands print: results to standard output, messages to standard error, as each stream can show them."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from quadfit_tui.cli.exit_codes import BAD_INPUT
from quadfit_tui.core.text.ascii import ascii_cells
from quadfit_tui.core.text.polynomial import polynomial

if TYPE_CHECKING:
    from quadfit_tui.core.session.session import RunSession

NAME = "quadfit-tui"


def print_lines(lines: list[str], stream: IO[str] | None = None) -> None:
    """Prints lines to a stream, standard output by default, flushing each at once."""
    for line in lines:
        print(line, file=stream, flush=True)


def print_error(line: str) -> None:
    """Prints a line to standard error; prints nothing if that is closed, since standard output is for results."""
    if sys.stderr is not None:
        with suppress(OSError):  # the reader of standard error has gone
            print(line, file=sys.stderr, flush=True)


def fail(message: str) -> int:
    """Prints a message to standard error as one line, escaped if it is not printable; returns the exit code 2."""
    print_error(f"{NAME}: {escaped(' '.join(message.split()))}")
    return BAD_INPUT


def escaped(line: str) -> str:
    """Returns a line with characters that are not printable written as escape sequences, such as `\\x1b`."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in line)


def knows_unicode(stream: IO[str]) -> bool:
    """Whether all characters can be written to a stream, by its encoding."""
    return (getattr(stream, "encoding", None) or "ascii").lower().startswith("utf")


def aligned(line: str, stream: IO[str]) -> str:
    """Returns a line of a table for a stream; without Unicode in ASCII, each character as wide as before."""
    return line if knows_unicode(stream) else ascii_cells(line)


def print_parabola(session: RunSession, ascii: bool) -> None:
    """Prints the fitted parabola of a run; prints nothing if the run did no update, or overflowed."""
    snapshot = session.snapshot()
    if snapshot.updates and not snapshot.overflowed:
        x, y = snapshot.problem.quantities.symbols
        if ascii and not (x + y).isascii():
            x, y = "xy"
        print_lines([f"{y} = {polynomial(snapshot.w.tolist(), x=x, plain=ascii)}"])
