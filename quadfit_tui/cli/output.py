"""The output of the commands: lines to standard output, to the file of --output, or to standard error.

A file that cannot be written is refused in one line. Exit codes and what signals do stand here, too.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from types import FrameType
from typing import IO, TYPE_CHECKING, NoReturn

import click

from quadfit_tui.cli.parsing.help import refuse_closed_output
from quadfit_tui.cli.parsing.options import refuse
from quadfit_tui.core.export.formats import EXPORTERS, OTHER_SUFFIXES, Column, formats_of, style_of
from quadfit_tui.core.files import access, protected_files, refusals
from quadfit_tui.core.text.ascii import ascii_cells
from quadfit_tui.core.text.language import N_, _, comma_separated, either
from quadfit_tui.core.text.polynomial import polynomial
from quadfit_tui.core.text.quoting import quoted, with_allowed
from quadfit_tui.ui.terminal.signals import ENDING

if TYPE_CHECKING:
    from quadfit_tui.core.export.recorder import WriteLines
    from quadfit_tui.core.session.session import RunSession

NAME = "quadfit-tui"
SLICE = 0.05  # seconds of training between two looks at the interrupt key
END_IN_ORDER = 3.0  # seconds
# Exit codes, as help tells them:
OK, CRASHED, BAD_INPUT, DIVERGED, FALSE_FACTS, LEFT_OUT, NOT_THERE, INTERRUPTED = 0, 1, 2, 3, 4, 5, 6, 130
CRASH = N_("internal error; one line names the file with the report")
RUN_EXIT_CODES = (
    (f"{OK}", N_("converged, or completed all epochs")),
    (f"{CRASHED}", CRASH),
    (f"{BAD_INPUT}", N_("invalid input; one line says what is allowed")),
    (
        f"{DIVERGED}",
        N_("diverged: the numbers overflowed, or the mean loss ended above 1,000 times that of the start"),
    ),
    (f"{NOT_THERE}", N_("did not come to what --require asks for")),
    (f"{INTERRUPTED}", N_("interrupted (ctrl+c)")),
)
SWEEP_EXIT_CODES = (
    (f"{OK}", N_("all runs were trained, whatever they came to")),
    (f"{CRASHED}", CRASH),
    (f"{BAD_INPUT}", N_("invalid input, or a file that could not be written; one line says what is allowed")),
    (f"{LEFT_OUT}", N_("some runs could not be trained; their rows say why")),
    (f"{INTERRUPTED}", N_("interrupted (ctrl+c); the last line is the command that goes on")),
    ("128 + n", N_("ended by signal n; likewise")),
)
APP_EXIT_CODES = (
    (f"{OK}", N_("you quit")),
    (f"{CRASHED}", CRASH),
    (f"{BAD_INPUT}", N_("invalid input; one line says what is allowed")),
    ("128 + n", N_("ended by signal n")),
)


@contextmanager
def open_output(path: str | None, overwrites: bool = False, *, whole: bool = False) -> Iterator[WriteLines]:
    """A function that writes lines to a file or, without a path, to standard output, each at once.

    A file that holds something already is refused, unless it `overwrites` it. A file that is `whole` gets all of its
    lines at the end, or none. Raises a usage error where that cannot be opened, ClickException where it cannot be
    written to the end.
    """
    if path is None:
        refuse_closed_output(or_file=click.get_current_context().info_name == "run")
        yield print_lines
        return
    if _is_stream(path, sys.stderr):
        yield partial(print_lines, stream=sys.stderr)
        return
    from quadfit_tui.core.files.atomic_file import AtomicFile
    from quadfit_tui.core.files.line_file import LineFile

    try:
        file = (AtomicFile if whole else LineFile)(path, overwrites=overwrites)
    except (OSError, ValueError) as failure:
        refuse_output(path, failure)
    try:
        with closing(file):
            yield file.write
            file.finalize()
    except OSError as failure:
        raise unwritten(path, failure) from None


def is_standard_output(path: str | None) -> bool:
    """Whether --output asks for standard output: by `-`, or by a name of what that leads to."""
    return path == "-" or (path is not None and _is_stream(path, sys.stdout))


def _is_stream(path: str, stream: IO[str] | None) -> bool:
    if stream is None:
        return False
    try:
        return access.is_stream(path, stream.fileno())
    except (OSError, ValueError):  # a stream within the program, or a name that none can have
        return False


def print_lines(lines: list[str], stream: IO[str] | None = None) -> None:
    """Writes lines to a stream, standard output by default, each at once."""
    for line in lines:
        print(line, file=stream, flush=True)


def print_error(line: str) -> None:
    """Writes a line to standard error; nowhere where that is closed, since standard output is for results."""
    if sys.stderr is not None:
        with suppress(OSError):  # nobody is there any more
            print(line, file=sys.stderr, flush=True)


def fail(message: str) -> int:
    """Writes a message to standard error as one line, escaped where it would not print; gives the exit code 2."""
    print_error(f"{NAME}: {escaped(' '.join(message.split()))}")
    return BAD_INPUT


def escaped(line: str) -> str:
    """A line with escape sequences in the place of the characters that do not print."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in line)


def knows_unicode(stream: IO[str]) -> bool:
    """Whether all characters can be written to a stream."""
    return (getattr(stream, "encoding", None) or "ascii").lower().startswith("utf")


def print_parabola(session: RunSession, ascii: bool) -> None:
    """Writes the fitted parabola of a run to standard output; nothing if none was trained, or it overflowed."""
    snapshot = session.snapshot()
    if snapshot.updates and not snapshot.overflowed:
        x, y = snapshot.problem.quantities.symbols
        if ascii and not (x + y).isascii():
            x, y = "xy"
        print_lines([f"{y} = {polynomial(snapshot.w.tolist(), x=x, plain=ascii)}"])


def aligned(line: str, stream: IO[str]) -> str:
    """A line of a table as a stream can take it: in ASCII each character has as many columns as it had."""
    return line if knows_unicode(stream) else ascii_cells(line)


# What a file is refused for that is of another kind; by what is to be written.
_OF_ANOTHER_KIND: dict[Column, str] = {
    "writer": N_(
        "--output {file} is for another kind of file; allowed for epochs: names that end in {suffixes}, "
        "or --format with one of {formats}"
    ),
    "picture": N_(
        "--output {file} is for another kind of file; allowed with --plot: names that end in {suffixes}, "
        "or --format with one of {formats}"
    ),
    "update": N_(
        "--output {file} is for another kind of file; allowed with --explain: names that end in {suffixes}, "
        "or --format with one of {formats}"
    ),
}


def style_for(path: str, asked: str | None, column: Column) -> str:
    """The format that is asked for, or else that of the file's name.

    Raises a usage error where the file's name is that of a kind of file which no format is.
    """
    if asked is None and path.lower().endswith(OTHER_SUFFIXES):
        names = formats_of(column)
        suffixes = either([EXPORTERS[name].suffix for name in names if EXPORTERS[name].suffix])
        told, formats = _(_OF_ANOTHER_KIND[column]), comma_separated(names)
        raise click.UsageError(told.format(file=quoted(path), suffixes=suffixes, formats=formats))
    return asked or style_of(path)


def check_writes_epochs(style: str, asked: str | None, path: str | None) -> None:
    """Raises a usage error where a format, `asked` for or that of the file's name, is none of epochs."""
    allowed = formats_of("writer")
    if style not in allowed:
        told = _("{option} is for one update, from 'run --explain'; allowed for epochs: --format with one of {formats}")
        if EXPORTERS[style].picture:
            told = _("{option} is for a view, from 'run --plot'; allowed for epochs: --format with one of {formats}")
        option = option_of_format(style, asked, path)
        raise click.UsageError(told.format(option=option, formats=comma_separated(allowed)))


def option_of_format(style: str, asked: str | None, path: str | None) -> str:
    """The option that says which format is written: --format, if it was `asked` for, or else --output."""
    if asked:
        return f"--format {style}"
    name = quoted(path or "")
    return f"--output {name}"


def refuse_own_source(path: str | None, *sources: str | None) -> None:
    """Raises a usage error where the output would be written over a file that the run is made from."""
    for source in sources:
        if path and source and access.is_same(path, source):
            refuse("--output", _("{file} is an input of this run; choose another file").format(file=quoted(path)))


def unwritten(path: str, why: Exception | str) -> click.ClickException:
    """The error of a file that was opened, but not written to the end: nothing was wrong with its name."""
    return click.ClickException(f"--output: {refusals.unwritten(quoted(path), why)}")


def refuse_output(path: str, failure: Exception) -> NoReturn:
    """Raises the usage error of a file that cannot be written."""
    allowed = protected_files.allowed_instead(failure)
    if isinstance(failure, FileExistsError):
        allowed = _("another file, or --force to overwrite it")
    refuse("--output", with_allowed(refusals.unwritten_at(path, failure), allowed))


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


def code_of(ended: KeyboardInterrupt) -> int:
    """The exit code of a program that a signal has ended, as ended_in_order tells it."""
    return 128 + (ended.args[0] if ended.args else signal.SIGINT)


@contextmanager
def signals_as_interrupts() -> Iterator[None]:
    """Has each signal that would end the program raise KeyboardInterrupt, which has its number: once, and no other.

    What then takes longer than END_IN_ORDER is given up.
    """
    usual = (signal.SIG_DFL, signal.default_int_handler)
    before = {number: signal.getsignal(number) for number in ENDING if signal.getsignal(number) in usual}
    exits: list[threading.Timer] = []

    def end(number: int, _frame: FrameType | None) -> None:
        for each in before:  # a shell that ends sends several of them
            signal.signal(each, signal.SIG_IGN)
        exits.append(threading.Timer(END_IN_ORDER, os._exit, (128 + number,)))
        exits[0].daemon = True
        exits[0].start()
        raise KeyboardInterrupt(number)

    try:
        for number in before:
            signal.signal(number, end)
        yield
    finally:
        for exit in exits:
            exit.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)


def exit_on_broken_pipe() -> None:
    """Lets the program end without a message once nobody reads its output any more, as in `| head`: see SIGPIPE."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
