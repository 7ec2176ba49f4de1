"""The command `run`: trains without a screen, and writes epochs, a chart, or one update worked out."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from quadfit_tui.cli.commands.command_table import COMMANDS
from quadfit_tui.cli.commands.run_epochs import EpochFile, write_epochs, writer_for
from quadfit_tui.cli.commands.run_options import REQUIRED, RunOptions, run_options
from quadfit_tui.cli.commands.run_plot import shows_colors, spoken_view, view_lines
from quadfit_tui.cli.commands.run_session import make_session
from quadfit_tui.cli.exit_codes import DIVERGED, INTERRUPTED, NOT_THERE, OK, RUN_EXIT_CODES
from quadfit_tui.cli.interrupts import SLICE, exit_on_broken_pipe, interruptible
from quadfit_tui.cli.moments import train_to
from quadfit_tui.cli.output.output_file import is_standard_output, open_output, refuse_own_source
from quadfit_tui.cli.output.output_format import check_writes_epochs, style_for
from quadfit_tui.cli.output.printing import NAME, knows_unicode, print_error, print_lines, print_parabola
from quadfit_tui.cli.parsing.combinations import COLORS, COMBINATIONS, PLOT_ALONE, check_together
from quadfit_tui.cli.parsing.help import GroupedHelpCommand
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
from quadfit_tui.cli.status_line import StatusLine, is_pipe
from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.export.formats import COLORED, EXPORTERS, Column
from quadfit_tui.core.files import access
from quadfit_tui.core.session.verdict import progress_word
from quadfit_tui.core.session.visit import advance_until_idle
from quadfit_tui.core.text.language import N_, _, ngettext
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


@dataclass(frozen=True)
class _Output:
    """The output of `run`, as its options choose it.

    `style` is its format, a key of EXPORTERS. `path` is the file, None for standard output; `config_path` the TOML file
    beside it, if any. `picture` is the view of --plot if it is written alone, in place of epochs. `ascii`: the output
    has only ASCII characters.
    """

    style: str
    path: str | None
    config_path: str | None
    picture: str | None
    ascii: bool


@click.command(
    cls=GroupedHelpCommand,
    params=[
        *base_options(),
        *parameter_options(),
        *output_options(),
        *confined_options(),
        *run_options(),
    ],
    examples=_EXAMPLES,
    exit_codes=RUN_EXIT_CODES,
    help=COMMANDS["run"].help,
)
def run(**values: Any) -> int:
    """Runs the command `run`: checks its options, trains, and writes what they ask for; returns the exit code."""
    options = RunOptions(**{name: values.pop(name) for name in RunOptions._fields})
    if options.plot:
        view_of("--plot", options.plot)
    for line in about_views():
        print_error(f"{NAME}: {line}")
    output = _choose_output(options)
    config = _read_config(options, output, values)
    session = make_session(config, None)
    _print_notices(session, config)
    exit_on_broken_pipe()
    try:
        with interruptible():
            if options.explain is not None:
                from quadfit_tui.cli.commands.run_explain import explain_update

                return explain_update(session, options.explain, output.style, output.path, options.force, output.ascii)
            if options.at is not None:
                code = train_to(session, "--at", options.at)
                if code != OK:
                    return code
            _train_and_write(session, options, output)
    except KeyboardInterrupt:  # caught here, since click would print an empty line about it
        _print_interrupted(session)
        return INTERRUPTED
    _print_result(session, options, output)
    if options.at is not None:
        return OK
    return _report(session, options.require, output)


def _choose_output(options: RunOptions) -> _Output:
    """Chooses format and file of the output; raises a usage error if options cannot be combined."""
    style = style_for(options.output or "", options.style, _column(options))
    exporter = EXPORTERS[style]
    to_file = options.output is not None and not is_standard_output(options.output)
    plots_alone = bool(options.plot and exporter.picture and (to_file or not exporter.writer))
    check_together(
        COMBINATIONS["run"],
        {
            "--output FILE": to_file,
            "--plot": options.plot,
            PLOT_ALONE: plots_alone,
            "--explain": options.explain,
            "--at": options.at,
            "--quiet": options.quiet,
            "--format csv": style == "csv",
            COLORS: style in COLORED,
        },
    )
    if options.explain is not None:
        from quadfit_tui.cli.commands.run_explain import check_options

        check_options(style, options.style, options.output)
    elif not plots_alone:
        check_writes_epochs(style, options.style, options.output)
        if options.plot and options.output is None and not exporter.is_prose:
            template = _("--plot would mix the chart into the {style} output; use --format text or --output FILE")
            raise click.UsageError(template.format(style=style))
    path = options.output if to_file else None
    return _Output(
        style=style,
        path=path,
        config_path=f"{path}.toml" if options.with_config else None,
        picture=options.plot if plots_alone else None,
        ascii=options.ascii or (path is None and not knows_unicode(sys.stdout)),
    )


def _column(options: RunOptions) -> Column:
    """Returns the column of EXPORTERS that must have the format: an update, a picture, or epochs."""
    if options.explain is not None:
        return "update"
    return "picture" if options.plot else "writer"


def _read_config(options: RunOptions, output: _Output, values: dict[str, Any]) -> RunConfig:
    """Makes the run's configuration from preset, file and options (`values`).

    Raises a usage error if standard input would be read twice, or an input overwritten.
    """
    config = configuration(options.preset, options.config_file, values)
    if config.data == options.config_file == access.STANDARD_INPUT:
        refuse_one_input()
    for path in (output.path, output.config_path):
        refuse_own_source(path, config.data, options.config_file)
    return config


def _print_notices(session: RunSession, config: RunConfig) -> None:
    """Prints notices about the user's samples to standard error, such as lines that were left out."""
    if config.data is not None:
        for notice in session.snapshot().problem.notices:
            print_error(f"{NAME}: --data {shown_name(config.data)}: {notice}")


def _train_and_write(session: RunSession, options: RunOptions, output: _Output) -> None:
    """Trains the run and writes its epochs, or a picture alone; with --at, only writes the moment's line or picture.

    A status line shows the progress, unless another program reads standard output.
    """
    status = StatusLine(not options.quiet and (output.path is not None or not is_pipe(sys.stdout)))
    with ExitStack() as opened:
        opened.callback(status.clear)
        put_config = None
        if output.config_path is not None:
            put_config = opened.enter_context(open_output(output.config_path, options.force, whole=True))
        whole = output.picture is not None or options.at is not None
        put = opened.enter_context(open_output(output.path, options.force, whole=whole))
        if output.picture is not None:
            _train_to_end(session, options, status)
            put(_picture(session, output.picture, options, output))
        elif options.at is not None:
            _write_moment(session, output, put)
        else:
            file = EpochFile(
                style=output.style,
                every=options.every,
                quiet=options.quiet,
                output=output.path,
                head=options.head,
                config=output.config_path,
            )
            write_epochs(session, file, put, put_config, status)


def _train_to_end(session: RunSession, options: RunOptions, status: StatusLine) -> None:
    """Trains the run to its end without writing epochs; with --at, the run stays at its moment."""
    if options.at is None:
        session.play()
    for _records in advance_until_idle(session, SLICE):
        status.update(session.snapshot())


def _picture(session: RunSession, view: str, options: RunOptions, output: _Output) -> list[str]:
    """Draws the view that is written alone, in the format of the output."""
    return view_lines(
        session, view, options.width, style=output.style, theme=options.theme, ascii=output.ascii, to_file=True
    )


def _write_moment(session: RunSession, output: _Output, put: WriteLines) -> None:
    """Writes the line of the update that led to the moment of --at."""
    record = session.snapshot().record
    assert record is not None  # at least one update is done
    writer = writer_for(output.style, output.path)
    put(writer(session.config).update(record))


def _print_interrupted(session: RunSession) -> None:
    """Prints after how many epochs the user interrupted the run."""
    message = ngettext(
        "interrupted after {done} of {n} epoch",
        "interrupted after {done} of {n} epochs",
        session.config.epochs,
        done=session.timeline.newest.epoch,
    )
    print_error(f"{NAME}: {message}")


def _print_result(session: RunSession, options: RunOptions, output: _Output) -> None:
    """Prints the parabola of --quiet and the view of --plot below the epochs, if they belong on standard output."""
    is_prose = EXPORTERS[output.style].is_prose
    if options.quiet and output.path is None and is_prose and output.style != "spoken":  # speech has the parabola
        print_parabola(session, output.ascii)
    if options.plot and output.picture is None:
        print_lines(_chart(session, options.plot, options, output))


def _chart(session: RunSession, view: str, options: RunOptions, output: _Output) -> list[str]:
    """Draws the view of --plot for standard output, or tells it in sentences."""
    if output.style == "spoken":
        return spoken_view(session, view)
    style = "ansi" if shows_colors() else "text"
    ascii = output.ascii or not knows_unicode(sys.stdout)
    return view_lines(session, view, options.width, style=style, theme=None, ascii=ascii, to_file=False)


def _report(session: RunSession, require: str | None, output: _Output) -> int:
    """Prints how the run ended, if its epochs went to a file or it failed; returns the exit code."""
    snapshot, spoken = session.snapshot(), output.style == "spoken"
    if snapshot.status is Status.DIVERGED:
        print_error(f"{NAME}: {_ending(session, spoken, advises=not spoken)[0]}")
        return DIVERGED
    if output.path is not None:
        if output.picture is not None:  # of which nobody can copy the numbers
            print_parabola(session, output.ascii)
        print_lines(_ending(session, spoken))
    if require is None:
        return OK
    verdict = progress_word(snapshot)
    if verdict in REQUIRED[require]:
        return OK
    problem = _("the verdict of the run is {verdict}").format(verdict=verdict)
    print_error(f"{NAME}: --require {require}: {problem}")
    return NOT_THERE


def _ending(session: RunSession, spoken: bool, advises: bool = True) -> list[str]:
    """Returns how a run ended, and what to try; as speech, the latter only if `advises`."""
    if spoken:
        from quadfit_tui.core.export.run_speech import outcome

        return outcome(session.snapshot(), advises=advises)
    from quadfit_tui.core.diagnosis.wording.advice import advised

    return [advised(session.snapshot())]
