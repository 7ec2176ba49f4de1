"""The output of `sweep`: its options, and the rows, written to a file or standard output."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import click

from quadfit_tui.cli.interrupts import exit_on_broken_pipe
from quadfit_tui.cli.output.output_file import is_standard_output, refuse_output
from quadfit_tui.cli.parsing.help import TableOption, refuse_closed_output
from quadfit_tui.cli.parsing.option_types import FileName, ParameterType
from quadfit_tui.cli.parsing.options import force_option, refuse
from quadfit_tui.core.config.value_types import Choice, Integer
from quadfit_tui.core.text.language import N_, _
from quadfit_tui.core.text.quoting import quoted, with_problem
from quadfit_tui.sweeps.cli.sweep_options import SweepArguments
from quadfit_tui.sweeps.cli.sweep_plot import OF_PICTURES
from quadfit_tui.sweeps.cli.sweep_progress import STYLES

# What loads NumPy is imported by the functions that need it.
if TYPE_CHECKING:
    from quadfit_tui.sweeps.head import SweepHeader
    from quadfit_tui.sweeps.rows import KnownRows

SUFFIX = ".csv"
MOST_JOBS = 1000  # equals that of engines/engine.py, which loads NumPy


def sweep_options() -> Iterator[click.Option]:
    """Yields the options of `sweep` about how its runs are trained and where their rows are written."""
    yield TableOption(
        ["--jobs"],
        group="sweep",
        type=ParameterType(Integer(1, MOST_JOBS)),
        help=N_("how many processes train [the processors that this program may use]"),
    )
    yield TableOption(
        ["--scheduler"],
        group="sweep",
        metavar="ADDRESS",
        help=N_("have the workers of a Dask scheduler train: tcp://HOST:PORT"),
    )
    yield TableOption(
        ["--dry-run"],
        group="sweep",
        is_flag=True,
        help=N_("print how many runs there are, how long they take, and the first and the last one; train no more"),
    )
    yield TableOption(
        ["-o", "--output"],
        group="output",
        type=FileName(),
        metavar="FILE",
        help=N_("write a row for each run to this CSV file, and what they are made of to FILE.toml; - prints the rows"),
    )
    yield TableOption(
        ["-f", "--format", "style"],
        group="output",
        type=ParameterType(Choice(OF_PICTURES)),
        help=N_("format of the picture of --from [from the extension of FILE]"),
    )
    yield force_option()
    yield TableOption(
        ["--resume"],
        group="output",
        is_flag=True,
        help=N_("go on with FILE, of the same sweep, which was interrupted; with options that differ it is refused"),
    )
    yield TableOption(
        ["--progress"],
        group="output",
        type=ParameterType(Choice(STYLES)),
        default=STYLES[0],
        help=N_(
            "what standard error tells: auto: lines at the beginning, then how far it is on a terminal; or none [auto]"
        ),
    )


def check_output(asked: SweepArguments) -> None:
    """Raises a usage error if --output is missing, is no CSV file, or is mixed with --plot; called before training."""
    path, is_printed = asked.output, is_standard_output(asked.output)
    if path is None:
        if not (asked.dry_run or asked.plot):
            message = _("--output FILE is missing; allowed: a name that ends in .csv, or -; or --dry-run or --plot")
            raise click.UsageError(message)
        return
    if is_printed:
        if asked.plot:
            raise click.UsageError(_("--plot would mix the picture into the rows; allowed: --output FILE"))
        return
    if not path.lower().endswith(SUFFIX):
        template = _("{file} is for another kind of file; allowed: a name that ends in .csv, or - for standard output")
        refuse("--output", template.format(file=quoted(path)))


@contextmanager
def open_rows(asked: SweepArguments, head: SweepHeader) -> Iterator[KnownRows]:
    """Opens the collection of a sweep's rows, which writes or prints those that are added; raises usage errors."""
    from quadfit_tui.sweeps.head import SweepFileError, toml_path
    from quadfit_tui.sweeps.rows import KnownRows, ResultRows
    from quadfit_tui.sweeps.sweep_file import RowLines, SweepFile

    class PrintedRows(KnownRows):
        """A collection of rows that prints those added to standard output, as CSV."""

        lines = RowLines(head)

        def add(self, rows: ResultRows) -> ResultRows:
            new = super().add(rows)
            for part in self.lines.of(new):
                print(part.decode(), end="", flush=True)
            return new

    path = asked.output
    if path is None:
        yield KnownRows(head.chosen)
        return
    if is_standard_output(path):
        refuse_closed_output()
        exit_on_broken_pipe()
        print(PrintedRows.lines.heading.decode(), end="", flush=True)
        yield PrintedRows(head.chosen)
        return
    try:
        file = SweepFile(path, head, resume=asked.resume, overwrites=asked.force)
    except SweepFileError as refused:
        refuse("--resume" if asked.resume else "--output", with_problem(quoted(path), str(refused)))
    except (OSError, ValueError) as failure:
        beside = toml_path(path)
        refuse_output(beside if getattr(failure, "filename", None) == beside else path, failure)
    with closing(file):
        yield file
