"""Where `sweep` writes: its file, the journal beside that, and what is told where one of them cannot be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import click

from quadfit_tui.cli.output import option_of_format, refuse_output
from quadfit_tui.cli.parsing.help import TableOption
from quadfit_tui.cli.parsing.option_types import FileName, ParameterType
from quadfit_tui.cli.parsing.options import check_beside, check_needed, force_option, refuse
from quadfit_tui.cli.sweep.sweep_options import Asked
from quadfit_tui.cli.sweep.sweep_plot import COLORED, OF_PICTURES, read_file
from quadfit_tui.cli.sweep.sweep_progress import STYLES
from quadfit_tui.core.config.value_types import Choice, Integer
from quadfit_tui.core.files import access
from quadfit_tui.core.text.language import _, clauses, comma_separated, either, noted
from quadfit_tui.core.text.quoting import quoted, with_allowed

# What loads NumPy is imported by the functions that need it.
if TYPE_CHECKING:
    from quadfit_tui.core.sweep.engines.cluster import Cluster
    from quadfit_tui.core.sweep.head import Head
    from quadfit_tui.core.sweep.rows import KnownRows, Rows

FORMATS = ("csv", "jsonl", "parquet", "sqlite")  # those of SWEEP_FORMATS; each is the ending of its files' names, too
MOST_JOBS = 1000  # as in engines/engine.py


def sweep_options() -> Iterator[click.Option]:
    """The options that say how the runs are trained, and where their rows go."""
    yield TableOption(
        ["--jobs"],
        group="sweep",
        type=ParameterType(Integer(1, MOST_JOBS)),
        help=noted("how many processes train [the processors that this program may use]"),
    )
    yield TableOption(
        ["--scheduler"],
        group="sweep",
        metavar="ADDRESS",
        help=noted("have the workers of a Dask scheduler train: tcp://HOST:PORT"),
    )
    yield TableOption(
        ["--dry-run"],
        group="sweep",
        is_flag=True,
        help=noted("print how many runs there are, how long they take, and the first and the last one; train no more"),
    )
    yield TableOption(
        ["-o", "--output"],
        group="output",
        type=FileName(),
        metavar="FILE",
        help=noted("write a row for each run to this file"),
    )
    yield TableOption(
        ["-f", "--format", "style"],
        group="output",
        type=ParameterType(Choice((*FORMATS, *OF_PICTURES))),
        help=_help_of_formats,
    )
    yield TableOption(
        ["--curves"],
        group="output",
        is_flag=True,
        help=noted(
            "also write the mean loss of each run by epoch, thinned: of NAME.csv to NAME-curves.csv, of .sqlite to "
            "another table"
        ),
    )
    yield force_option()
    yield TableOption(
        ["--resume"],
        group="output",
        is_flag=True,
        help=noted("go on with FILE, of the same sweep, which was interrupted; with options that differ it is refused"),
    )
    yield TableOption(
        ["--progress"],
        group="output",
        type=ParameterType(Choice(STYLES)),
        default=STYLES[0],
        help=noted(
            "what standard error tells: auto: lines at the beginning, then how far it is on a terminal; "
            "jsonl: an object a line for programs; or none [auto]"
        ),
    )


def _help_of_formats() -> str:
    told = _("output format ({formats}; with --from, {of_pictures}) [from the extension of FILE]")
    return told.format(formats=Choice(FORMATS).allowed, of_pictures=Choice(OF_PICTURES).allowed)


def _suffixes() -> str:
    return either([f".{name}" for name in FORMATS])


def sweep_style(asked: Asked) -> str:
    """The format that is asked for, or else that of the file's name; raises usage errors about the output."""
    path = asked.output
    check_needed(dict.fromkeys(("style", "curves", "force", "resume"), ("--output FILE", path is not None)))
    if path is None:
        if not (asked.dry_run or asked.plot):
            told = _(
                "--output FILE is missing; allowed: names that end in {suffixes}; "
                "or --dry-run or --plot, which need no file"
            )
            raise click.UsageError(told.format(suffixes=_suffixes()))
        return ""
    if path == "-":
        refuse("--output", _("'-' (standard output) cannot be resumed; allowed: a file"))
    if asked.force:
        check_beside("--force", "resume")
    if asked.style in OF_PICTURES or path.lower().endswith(tuple(f".{name}" for name in COLORED)):
        told = _("{option} is for a picture of a sweep that is done; allowed: --from FILE --plot")
        raise click.UsageError(told.format(option=option_of_format(asked.style or "", asked.style, path)))
    style = asked.style or next((name for name in FORMATS if path.lower().endswith(f".{name}")), None)
    if style is None:
        told = _(
            "--output {file} is for another kind of file; allowed: names that end in {suffixes}, "
            "or --format with one of {formats}"
        )
        formats = comma_separated(FORMATS)
        raise click.UsageError(told.format(file=quoted(path), suffixes=_suffixes(), formats=formats))
    from quadfit_tui.core.sweep.formats import SWEEP_FORMATS

    if missing := SWEEP_FORMATS[style].missing:
        refuse("--format" if asked.style else "--output", missing)
    return style


@contextmanager
def opened_journal(asked: Asked, head: Head) -> Iterator[KnownRows]:
    """The rows of a sweep: its journal, beside its file if it has one; raises a usage error where there can be none."""
    path = asked.output
    if path is None:
        from quadfit_tui.core.sweep.rows import KnownRows

        yield KnownRows(head.chosen)
        return
    from quadfit_tui.core.sweep.formats import curves_path
    from quadfit_tui.core.sweep.journal import Journal, JournalError

    try:
        journal = Journal(path, head, resume=asked.resume, overwrites=asked.force)
    except JournalError as refused:
        refuse("--resume" if asked.resume else "--output", str(refused))
    except (OSError, ValueError) as failure:
        beside = curves_path(path)
        refuse_output(beside if getattr(failure, "filename", None) == beside else path, failure)
    with closing(journal):
        yield journal


def connected(address: str) -> Cluster:
    """The workers of a scheduler, to be left by `with`; raises a usage error where there are none at that address."""
    from quadfit_tui.core.sweep.engines.cluster import ClusterError, connect

    try:
        return connect(address)
    except ClusterError as refused:
        refuse("--scheduler", str(refused))


def finished(path: str, style: str, head: Head) -> Rows | None:
    """The rows of a file that is finished already, None where it is not; raises a usage error about another sweep's."""
    from quadfit_tui.core.sweep.formats import SWEEP_FORMATS, curves_path
    from quadfit_tui.core.sweep.journal import SUFFIX

    if not access.is_filled(path) or access.is_filled(f"{path}{SUFFIX}"):
        return None
    older, _space, rows = read_file("--resume", path)
    if differences := older.differences(head):
        told = _("{file} is of another sweep: {differences}; allowed: the same options, or another file")
        refuse("--resume", told.format(file=quoted(path), differences=clauses(differences)))
    beside = curves_path(path)
    if head.curves and not SWEEP_FORMATS[style].holds_curves and not access.is_filled(beside):
        told = _("{curves}, which the curves of {file} were in, is gone")
        allowed = _("--force instead of --resume to begin anew, or another file")
        refuse("--resume", with_allowed(told.format(curves=quoted(beside), file=quoted(path)), allowed))
    return rows
