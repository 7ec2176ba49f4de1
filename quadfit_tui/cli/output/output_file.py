"""The file of --output, or standard output: opens it for a command, or refuses it in one line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import IO, TYPE_CHECKING, NoReturn

import click

from quadfit_tui.cli.output.printing import print_lines
from quadfit_tui.cli.parsing.help import refuse_closed_output
from quadfit_tui.cli.parsing.options import refuse
from quadfit_tui.core.files import access, protected_files, refusals
from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import quoted, with_allowed

if TYPE_CHECKING:
    from quadfit_tui.core.export.recorder import WriteLines


@contextmanager
def open_output(path: str | None, overwrites: bool = False, *, whole: bool = False) -> Iterator[WriteLines]:
    """Opens a file, or standard output without a path; yields a function that writes lines, each at once.

    A file that has content is refused unless `overwrites`. With `whole`, the file gets all of its lines at the end, or
    none. Raises a usage error if the file cannot be opened, ClickException if it cannot be written to the end.
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
        raise write_error(path, failure) from None


def is_standard_output(path: str | None) -> bool:
    """Whether --output names standard output: by `-`, or by a path of the same file, such as /dev/stdout."""
    return path == "-" or (path is not None and _is_stream(path, sys.stdout))


def _is_stream(path: str, stream: IO[str] | None) -> bool:
    """Whether a path is that of the file, pipe or terminal of a stream."""
    if stream is None:
        return False
    try:
        return access.is_stream(path, stream.fileno())
    except (OSError, ValueError):  # a stream within the program, or an impossible name
        return False


def refuse_own_source(path: str | None, *sources: str | None) -> None:
    """Raises a usage error if the output would overwrite a file from which the run is made."""
    for source in sources:
        if path and source and access.is_same(path, source):
            refuse("--output", _("{file} is an input of this run; choose another file").format(file=quoted(path)))


def refuse_output(path: str, failure: Exception) -> NoReturn:
    """Raises the usage error about a file that cannot be opened for writing."""
    allowed = protected_files.allowed_instead(failure)
    if isinstance(failure, FileExistsError):
        allowed = _("another file, or --force to overwrite it")
    refuse("--output", with_allowed(refusals.path_write_error(path, failure), allowed))


def write_error(path: str, why: Exception | str) -> click.ClickException:
    """Returns the error about a file that was opened, but could not be written to the end, such as on a full disk."""
    return click.ClickException(f"--output: {refusals.write_error(quoted(path), why)}")
