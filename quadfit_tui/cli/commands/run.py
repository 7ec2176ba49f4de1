"""The command `run`: trains without a screen, and writes epochs, a chart, or one update worked out."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from quadfit_tui.cli.commands.command_table import COMMANDS
from quadfit_tui.cli.commands.run_epochs import EpochFile, write_epochs, writer_for
from quadfit_tui.cli.commands.run_plot import NARROWEST, shows_colors, spoken_view, view_lines
from quadfit_tui.cli.commands.run_session import make_session
from quadfit_tui.cli.exit_codes import DIVERGED, INTERRUPTED, NOT_THERE, OK, RUN_EXIT_CODES
from quadfit_tui.cli.interrupts import SLICE, exit_on_broken_pipe, interruptible
from quadfit_tui.cli.moments import IN_RUN, complete_moments, train_to
from quadfit_tui.cli.output import NAME, knows_unicode, print_error, print_lines, print_parabola
from quadfit_tui.cli.output_file import is_standard_output, open_output, refuse_own_source
from quadfit_tui.cli.output_format import check_writes_epochs, style_for
from quadfit_tui.cli.parsing.combinations import COLORS, COMBINATIONS, PLOT_ALONE, check_together
from quadfit_tui.cli.parsing.help import GroupedHelpCommand, TableOption
from quadfit_tui.cli.parsing.option_types import ParameterType, ViewType
from quadfit_tui.cli.parsing.options import (
    about_views,
    base_options,
    configuration,
    confined_options,
    output_options,
    parameter_options,
    refuse_one_input,
    view_of,
)
from quadfit_tui.cli.settings import complete_themes
from quadfit_tui.cli.status_line import StatusLine, is_pipe
from quadfit_tui.core.config.value_types import Choice, Integer
from quadfit_tui.core.config.view_names import VIEW_NAMES
from quadfit_tui.core.export.formats import COLORED, EXPORTERS, formats_of
from quadfit_tui.core.export.writers import Writer
from quadfit_tui.core.files import access
from quadfit_tui.core.session.verdict import standing
from quadfit_tui.core.session.visit import advance_until_idle
from quadfit_tui.core.text.language import N_, _, either, ngettext
from quadfit_tui.core.text.quoting import shown_name
from quadfit_tui.core.training.status import Status

# What loads NumPy is imported by the functions that need it.
if TYPE_CHECKING:
    from quadfit_tui.core.export.recorder import WriteLines
    from quadfit_tui.core.session.session import RunSession

_EXAMPLES = (
    (f"{NAME} run", N_("the article's run, one line per epoch")),
    (f"{NAME} run -p momentum -n 200 --quiet", N_("only the outcome")),
    (f"{NAME} run --lr 0.1 --batch 16 --shuffle -o run.csv", N_("write a CSV file")),
    (
        f"{NAME} run -d samples.csv --plot",
        N_("fit your own file (-d - reads standard input), and print a chart"),
    ),
    (f"{NAME} run --plot surface -o surface.svg", N_("a picture of a view")),
    (f"{NAME} run --at 15:3", N_("the line of one moment: after the third update of epoch 15")),
    (f"{NAME} run --explain 0:1", N_("the arithmetic of the first update")),
)
_OF_VIEWS = formats_of("picture")
_option = partial(click.option, cls=TableOption, group="output")
_REACHED = {"converged": ("converged", "optimum"), "optimum": ("optimum",)}  # verdicts by what --require asks for


def _help_of_require() -> str:
    told = _(
        "end with exit code {code} where the run has not come there (converged: the mean loss is below tol, "
        "or w is close to the optimum; optimum: w is)"
    )
    return told.format(code=NOT_THERE)


def _help_of_plot() -> str:
    told = _(
        "print a view at the end ({views}) [{default}]; with options: fit:data; "
        "a FILE of format {formats} holds the view alone"
    )
    first, second, third = _OF_VIEWS
    formats = _("{first} or {second} or {third}").format(first=first, second=second, third=third)
    return told.format(views=Choice(VIEW_NAMES).allowed, default=VIEW_NAMES[0], formats=formats)


def _help_of_theme() -> str:
    return _("colors of --plot as {formats} [light; as ansi, the terminal's own]").format(formats=either(COLORED))


@click.command(
    cls=GroupedHelpCommand,
    params=[
        *base_options(),
        *parameter_options(),
        *output_options(),
        *confined_options(),
    ],
    examples=_EXAMPLES,
    exit_codes=RUN_EXIT_CODES,
    help=COMMANDS["run"].help,
)
@_option(
    "-q",
    "--quiet",
    is_flag=True,
    help=N_("print only the outcome and the fitted parabola, a line each (with jsonl one line; with csv the last row)"),
)
@_option(
    "--head",
    is_flag=True,
    help=N_("with csv: comments (#) say what gives the run again and, at the end, what it came to"),
)
@_option(
    "--with-config",
    is_flag=True,
    help=N_("with csv: write FILE.toml beside FILE, which says the same, and which --config takes"),
)
@_option(
    "--require",
    type=ParameterType(Choice(tuple(_REACHED))),
    metavar="VERDICT",
    help=_help_of_require,
)
@_option(
    "--plot",
    metavar="[VIEW]",
    is_flag=False,
    flag_value=VIEW_NAMES[0],
    type=ViewType(),
    help=_help_of_plot,
)
@_option(
    "--width",
    type=ParameterType(Integer(NARROWEST, 400)),
    help=N_("width of the view [the terminal's, up to 120; in a file, 80]"),
)
@_option(
    "--theme",
    metavar="NAME",
    shell_complete=complete_themes,
    help=_help_of_theme,
)
@_option("--ascii", is_flag=True, help=N_("use only ASCII characters for --plot or --explain"))
@_option("--at", metavar="MOMENT", shell_complete=complete_moments, help=IN_RUN)
@_option(
    "--explain",
    metavar="MOMENT",
    shell_complete=complete_moments,
    help=N_("print the arithmetic of one update instead: 14 (the last of epoch 14) or 15:3 (the third of epoch 15)"),
)
def run(
    preset: str | None,
    config_file: str | None,
    style: str | None,
    every: int,
    output: str | None,
    force: bool,
    quiet: bool,
    head: bool,
    with_config: bool,
    require: str | None,
    plot: str | None,
    width: int | None,
    theme: str | None,
    ascii: bool,
    at: str | None,
    explain: str | None,
    **values: Any,
) -> int:
    """The command; gives the exit code."""
    if plot:
        view_of("--plot", plot)
    for told in about_views():
        print_error(f"{NAME}: {told}")
    asked, path = style, output
    style = style_for(output or "", asked, "update" if explain is not None else "picture" if plot else "writer")
    row, to_file = EXPORTERS[style], output is not None and not is_standard_output(output)
    plots_alone = bool(plot and row.picture and (to_file or not row.writer))
    check_together(
        COMBINATIONS["run"],
        {
            "--output FILE": to_file,
            "--plot": plot,
            PLOT_ALONE: plots_alone,
            "--explain": explain,
            "--at": at,
            "--quiet": quiet,
            "--format csv": style == "csv",
            COLORS: style in COLORED,
        },
    )
    if explain is not None:
        from quadfit_tui.cli.commands.run_explain import check_options

        check_options(style, asked, path)
    elif not plots_alone:
        check_writes_epochs(style, asked, path)
        if plot and output is None and not row.is_prose:
            told = _("--plot would mix the chart into the {style} output; use --format text or --output FILE")
            raise click.UsageError(told.format(style=style))
    output = output if to_file else None
    config = configuration(preset, config_file, values)
    if config.data == config_file == access.STANDARD_INPUT:
        refuse_one_input()
    beside = f"{output}.toml" if with_config else None
    for written in (output, beside):
        refuse_own_source(written, config.data, config_file)
    session = make_session(config, None)
    if config.data is not None:
        for notice in session.snapshot().problem.notices:
            print_error(f"{NAME}: --data {shown_name(config.data)}: {notice}")
    ascii = ascii or (output is None and not knows_unicode(sys.stdout))
    exit_on_broken_pipe()
    try:
        with interruptible():
            if explain is not None:
                from quadfit_tui.cli.commands.run_explain import explain_update

                return explain_update(session, explain, style, output, force, ascii)
            if at is not None and (code := train_to(session, "--at", at)) != OK:
                return code
            status = StatusLine(not quiet and (output is not None or not is_pipe(sys.stdout)))
            with ExitStack() as opened:
                opened.callback(status.clear)
                put_config = opened.enter_context(open_output(beside, force, whole=True)) if beside else None
                put = opened.enter_context(open_output(output, force, whole=plots_alone or at is not None))
                if plots_alone and plot:
                    if at is None:
                        session.play()
                    for _records in advance_until_idle(session, SLICE):
                        status.update(session.snapshot())
                    put(view_lines(session, plot, width, style=style, theme=theme, ascii=ascii, to_file=True))
                elif at is not None:
                    _write_moment(session, put, writer_for(style, output))
                else:
                    file = EpochFile(style, every, quiet, output, head, beside)
                    write_epochs(session, file, put, put_config, status)
    except KeyboardInterrupt:  # here, since click would write an empty line about it
        told = ngettext(
            "interrupted after {done} of {n} epoch",
            "interrupted after {done} of {n} epochs",
            session.config.epochs,
            done=session.timeline.newest.epoch,
        )
        print_error(f"{NAME}: {told}")
        return INTERRUPTED
    if quiet and output is None and row.is_prose and style != "spoken":  # which says it already
        print_parabola(session, ascii)
    if plot and not plots_alone:
        ascii = ascii or not knows_unicode(sys.stdout)
        heard = spoken_view(session, plot) if style == "spoken" else []
        look = "ansi" if shows_colors() else "text"
        print_lines(heard or view_lines(session, plot, width, style=look, theme=None, ascii=ascii, to_file=False))
    return OK if at is not None else _report(session, style, require, to_file=output is not None)


def _write_moment(session: RunSession, put: WriteLines, writer: type[Writer]) -> None:
    """Writes the update that led to the visited moment."""
    record = session.snapshot().record
    assert record is not None  # at least one update is done
    put(writer(session.config).update(record))


def _report(session: RunSession, style: str, require: str | None, to_file: bool) -> int:
    """What standard output, if the run went to a file, and standard error get after the run; gives the exit code."""
    snapshot, spoken = session.snapshot(), style == "spoken"
    if snapshot.status is Status.DIVERGED:
        print_error(f"{NAME}: {_ending(session, spoken, advises=not spoken)[0]}")
        return DIVERGED
    if to_file:
        print_lines(_ending(session, spoken))
    if require is not None and (found := standing(snapshot)) not in _REACHED[require]:
        told = _("the verdict of the run is {verdict}").format(verdict=found)
        print_error(f"{NAME}: --require {require}: {told}")
        return NOT_THERE
    return OK


def _ending(session: RunSession, spoken: bool, advises: bool = True) -> list[str]:
    """Returns how a run ended, and what to try; spoken, that only if it `advises`."""
    if spoken:
        from quadfit_tui.core.export.run_speech import outcome

        return outcome(session.snapshot(), advises=advises)
    from quadfit_tui.core.diagnosis.wording.advice import advised

    return [advised(session.snapshot())]
