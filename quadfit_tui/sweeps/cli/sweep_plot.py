"""`sweep --plot`: the picture of a sweep, below its summary or, of a finished one, in a file of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import click

from quadfit_tui.cli.commands.run_plot import NARROWEST, colors_of, picture_size, shows_colors
from quadfit_tui.cli.interrupts import exit_on_broken_pipe
from quadfit_tui.cli.output.output_file import open_output, refuse_own_source
from quadfit_tui.cli.output.output_format import option_of_format, style_for
from quadfit_tui.cli.output.printing import NAME, knows_unicode, print_error, print_lines
from quadfit_tui.cli.parsing.combinations import COLORS, check_together
from quadfit_tui.cli.parsing.help import TableOption
from quadfit_tui.cli.parsing.option_types import FileName, ParameterType
from quadfit_tui.cli.parsing.options import refuse
from quadfit_tui.cli.settings import complete_themes
from quadfit_tui.cli.status_line import StatusLine
from quadfit_tui.core.config.value_types import Integer
from quadfit_tui.core.export.formats import COLORED, formats_of, picture_of
from quadfit_tui.core.text.language import N_, _, join_or
from quadfit_tui.core.text.quoting import quoted, with_problem
from quadfit_tui.sweeps.cli.combinations import COMBINATIONS
from quadfit_tui.sweeps.cli.sweep_options import SweepArguments

# What loads NumPy is imported by the functions that need it.
if TYPE_CHECKING:
    from quadfit_tui.core.model.incremental_job import JobSteps
    from quadfit_tui.sweeps.head import SweepHeader
    from quadfit_tui.sweeps.rows import ResultRows
    from quadfit_tui.sweeps.space import Space
    from quadfit_tui.sweeps.ui.sweep_chart import SweepChart
    from quadfit_tui.sweeps.work import SweepJob
    from quadfit_tui.ui.charts.spec import ChartSpec

OF_PICTURES = formats_of("picture")


def plot_options() -> Iterator[click.Option]:
    """Yields the options of `sweep` about its picture."""
    yield TableOption(
        ["--plot"],
        group="output",
        is_flag=True,
        help=N_(
            "print a picture at the end: a line over the one number that varies, with the median and quartiles over "
            "seeds; a map over two parameters; else the mean loss by epoch"
        ),
    )
    yield TableOption(
        ["--from", "source"],
        group="output",
        type=FileName(),
        metavar="FILE",
        help=_help_of_source,
    )
    yield TableOption(
        ["--width"],
        group="output",
        type=ParameterType(Integer(NARROWEST, 400)),
        help=N_("width of the picture [the terminal's, up to 120; in a file, 80]"),
    )
    yield TableOption(
        ["--theme"],
        group="output",
        metavar="NAME",
        shell_complete=complete_themes,
        help=N_("colors of a picture as ansi or svg [light; as ansi, the terminal's own]"),
    )
    about = N_("use only ASCII characters for --plot")
    yield TableOption(["--ascii"], group="output", is_flag=True, help=about)


def _help_of_source() -> str:
    template = _(
        "train nothing, and draw --plot of the sweep in this file; --output then takes the picture, as {suffixes}"
    )
    return template.format(suffixes=join_or([f".{name}" for name in COLORED]))


def print_plot(asked: SweepArguments, work: SweepJob, rows: ResultRows) -> None:
    """Prints the picture of a trained sweep if --plot asks for it, or the reason why there is none."""
    if not asked.plot:
        return
    style = "ansi" if shows_colors() else "text"
    try:
        print_lines(_picture(asked, work, rows, style, to_file=False))
    except ValueError as reason:
        print_error(f"{NAME}: --plot: {reason}")


def draw_finished(asked: SweepArguments, source: str) -> None:
    """Draws the picture of the sweep in a file (--from) to a file or standard output; raises usage errors."""
    style = style_for(asked.output or "", asked.style, "picture")
    if style not in OF_PICTURES:
        template = _("{option} is for no picture; allowed with --plot: --format {formats}")
        option = option_of_format(style, asked.style, asked.output)
        raise click.UsageError(template.format(option=option, formats=join_or(OF_PICTURES)))
    refuse_own_source(asked.output, source)
    from quadfit_tui.sweeps.work import SweepJob

    _head, space, rows = read_file("--from", source)
    if asked.output is None and asked.style is None and shows_colors():
        style = "ansi"
    check_together(COMBINATIONS["sweep"], {COLORS: style in COLORED})
    exit_on_broken_pipe()
    try:
        lines = _picture(asked, SweepJob(space), rows, style, to_file=asked.output is not None or asked.style == "svg")
    except ValueError as reason:
        refuse("--plot", str(reason))
    with open_output(asked.output, asked.force, whole=True) as put:
        put(lines)


def read_file(option: str, path: str) -> tuple[SweepHeader, Space, ResultRows]:
    """Reads the finished sweep in a file; raises a usage error about the option that names the file."""
    from quadfit_tui.sweeps.head import SweepFileError
    from quadfit_tui.sweeps.sweep_file import read_sweep

    try:
        return read_sweep(path)
    except SweepFileError as refused:
        refuse(option, with_problem(quoted(path), str(refused)))


def _picture(asked: SweepArguments, work: SweepJob, rows: ResultRows, style: str, *, to_file: bool) -> list[str]:
    """Draws the picture of a sweep as lines of a picture format; raises ValueError if there are no runs to draw."""
    from quadfit_tui.sweeps.ui.sweep_chart import sweep_chart
    from quadfit_tui.ui.picture import chart_picture

    spec = _computed(sweep_chart(work.space, rows, work.problem), asked.progress == "auto")
    ascii = asked.ascii or (not to_file and not knows_unicode(sys.stdout))
    size = picture_size(asked.width, to_file=to_file)
    return picture_of(style)(chart_picture(spec, f"{NAME}: sweep", size, colors_of(asked.theme, style), ascii))


def _progress(share: float, _seconds: float) -> str:
    """Formats the status line while a picture is computed, of which a share from 0 to 1 is done."""
    return _("{percent} % of the picture computed").format(percent=f"{100 * share:.0f}")


def _computed(pieces: JobSteps[SweepChart], tells: bool) -> ChartSpec:
    """Runs the job of a chart, which may take minutes, and returns it; `tells`: a status line shows the progress."""
    from quadfit_tui.core.model.incremental_job import map_progress, run_job

    line = StatusLine(tells)
    try:
        return run_job(map_progress(pieces, lambda share: line.show_progress(partial(_progress, share)))).spec
    finally:
        line.clear()
