"""The command line: the app by default, `run` without a screen, `presets`, `explain`.

The options of a run are made from the parameter table. Whatever goes wrong is said in one line on standard error.
"""

from __future__ import annotations

import gc
import os
import sys
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NoReturn

import click

from quadfit_tui.cli.options import (
    GroupedHelpCommand,
    GroupedHelpGroup,
    ParameterType,
    TableOption,
    base_options,
    configuration,
    confined_option,
    given_names,
    join_numbers,
    options_named,
    output_options,
    parameter_options,
    refuse,
    version_option,
)
from quadfit_tui.cli.output import (
    CRASHED,
    DIVERGED,
    INTERRUPTED,
    NAME,
    OK,
    SLICE,
    complain,
    end_with_reader,
    fail,
    interruptible,
    is_standard_output,
    knows_unicode,
    open_output,
    print_lines,
    recording,
    refuse_own_source,
    run_recorder,
)
from quadfit_tui.core.config.parameters import PARAMETERS, RunConfig
from quadfit_tui.core.config.presets import PRESETS, SUMMARIES
from quadfit_tui.core.config.value_types import Choice, Integer, did_you_mean
from quadfit_tui.core.export.formats import style_of
from quadfit_tui.core.files import access
from quadfit_tui.core.session.playback import DEFAULT_SPEED, SPEEDS
from quadfit_tui.core.text.quoting import quoted
from quadfit_tui.core.training.status import Status
from quadfit_tui.ui.display.capabilities import capabilities_of, is_dumb
from quadfit_tui.ui.terminal.signals import held_back

# What loads NumPy or Textual is imported by the functions that need it: --help and --version load neither.
if TYPE_CHECKING:
    from quadfit_tui.core.export.recorder import RunRecorder, WriteLines
    from quadfit_tui.core.session.session import Session
    from quadfit_tui.ui.app import QuadfitApp

DEFAULT_FPS, MAX_FPS = 10, 60
# Not from the table of the views, which would load NumPy for it; a test compares them.
_VIEW_HELP = "initial view: fit, loss, parameters, surface or update [fit]"
_THEME_HELP = "color theme, e.g. textual-light [textual-light or textual-dark, to match the terminal]"
_FILE_OF_APP = (
    "write each epoch to this file as it is trained; later runs are appended, "
    "and CSV and JSON lines carry the run number"
)
_FILE_OF_RUN = "write to this file instead of standard output"
_screen_option = partial(click.option, cls=TableOption, group="screen")
_output_option = partial(click.option, cls=TableOption, group="output")


@click.group(
    cls=GroupedHelpGroup,
    invoke_without_command=True,
    params=[*base_options(), *parameter_options(), *output_options(_FILE_OF_APP), confined_option(), version_option()],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=f"Numbers can be written as 0.5, 1e-3, -11/6 or 0,5; triples as 2,-4,3. "
    f"See '{NAME} run --help' for training without the app.",
)
@_screen_option("--speed", type=ParameterType(Choice(tuple(SPEEDS))), help=f"epochs per second [{DEFAULT_SPEED}]")
@_screen_option("--fps", type=ParameterType(Integer(1, MAX_FPS)), help=f"maximum frames per second [{DEFAULT_FPS}]")
@_screen_option("--view", metavar="NAME", help=_VIEW_HELP)
@_screen_option("--theme", metavar="NAME", help=_THEME_HELP)
@_screen_option("--play", is_flag=True, help="start playing immediately")
@_screen_option("--ascii", is_flag=True, help="draw with ASCII characters only")
@_screen_option("--no-mouse", is_flag=True, help="do not capture the mouse")
@click.pass_context
def cli(
    ctx: click.Context,
    /,
    preset: str | None,
    config_file: str | None,
    style: str | None,
    every: int,
    output: str | None,
    speed: str | None,
    fps: int | None,
    view: str | None,
    theme: str | None,
    play: bool,
    ascii: bool,
    no_mouse: bool,
    **values: Any,
) -> int:
    """Watch gradient descent fit the parabola f(x) = ax² + bx + c, live in the terminal."""
    if ctx.invoked_subcommand is not None:
        _refuse_misplaced(ctx.invoked_subcommand)
        return OK
    _refuse_without_posix()
    config = configuration(preset, config_file, values)
    refuse_own_source(output, config.data, config_file)
    recorder = run_recorder(output, style, every)
    _refuse_without_terminal()
    gc.disable()  # until the app is there: what is made for it stays, and its first picture takes 17 % longer without
    session = _session(config, SPEEDS[speed] if speed else DEFAULT_SPEED)
    if play:
        session.play()
    return _app(session, recorder, fps, view, theme, ascii, not no_mouse)


def _refuse_without_posix() -> None:
    """Refuses a system that has none of the kind that POSIX knows, as Windows."""
    if find_spec("termios") is None:
        raise click.UsageError(
            f"the app needs a terminal of Linux or macOS; on Windows it runs in WSL (set it up with 'wsl --install', "
            f"then install {NAME} in there), and '{NAME} run' works here without the app"
        )


def _refuse_without_terminal() -> None:
    for name, stream in (("input", sys.stdin), ("output", sys.stdout)):
        if stream is None or not stream.isatty():
            raise click.UsageError(f"standard {name} is not a terminal; use '{NAME} run' to train without one")
    if is_dumb(os.environ):
        raise click.UsageError(f"a terminal with TERM=dumb cannot show the app; use '{NAME} run' to train without it")


def _refuse_misplaced(command: str) -> None:
    """Options of a run belong behind `run`; those of the screen mean nothing there."""
    options = {param.name: param.opts[0] for param in click.get_current_context().command.params}
    for name in given_names():
        option = options[name]
        if command == "run" and any(param.name == name for param in run.params):
            raise click.UsageError(f"{option} goes after {command!r}")
        raise click.UsageError(f"{option} only applies to the app, not to {command!r}")


def _session(config: RunConfig, speed: int | None) -> Session:
    with held_back():  # of the threads that NumPy makes for its BLAS
        from quadfit_tui.core.session.session import Session

    with options_named():
        return Session(config, speed=speed)


def _app(
    session: Session,
    recorder: RunRecorder | None,
    fps: int | None,
    view: str | None,
    theme: str | None,
    ascii: bool,
    mouse: bool,
) -> int:
    """Runs the app until it is left; gives the exit code."""
    asked = os.environ.get("TEXTUAL_FPS", "")
    rate = fps or (min(int(asked), MAX_FPS) if asked.isdecimal() and int(asked) else DEFAULT_FPS)
    os.environ["TEXTUAL_FPS"] = str(min(2 * MAX_FPS, 12 * rate))  # so that what a key does need not wait for a frame
    from quadfit_tui.ui.app import QuadfitApp
    from quadfit_tui.ui.views import VIEWS

    if view is not None and view not in VIEWS:
        refuse(
            "--view",
            f"{quoted(view)} is not one of the choices{did_you_mean(view, VIEWS)}; allowed: {', '.join(VIEWS)}",
        )
    capabilities = capabilities_of(os.environ, sys.stdout.encoding, ascii)
    app = QuadfitApp(session, fps=rate, view=view or next(iter(VIEWS)), capabilities=capabilities, output=recorder)
    if theme is not None:
        if theme not in app.available_themes:
            themes = app.available_themes
            hint = did_you_mean(theme, themes)
            refuse("--theme", f"{quoted(theme)} is not one of the choices{hint}; allowed: {', '.join(themes)}")
        app.theme = theme
    elif not os.environ.get("TEXTUAL_THEME"):
        app.follow_background(os.environ)
    for name in ("COLUMNS", "LINES"):  # of a window that somebody had once; Rich would believe them
        os.environ.pop(name, None)
    access.never_wait()
    code = OK
    try:
        with app.ending_by_signals(), recording(recorder):
            code = _run(app, mouse)
    except click.ClickException as unwritten:
        if code == OK:
            raise
        fail(unwritten.format_message())  # beside a signal or a failure, which ended it
    return code


def _run(app: QuadfitApp, mouse: bool) -> int:
    try:
        app.run(mouse=mouse)
    except Exception as failure:
        return _crashed(failure)
    return app.return_code or OK


def _crashed(failure: Exception) -> int:
    from quadfit_tui.cli.crash_report import report

    complain(report(failure))
    return CRASHED


@cli.command(
    cls=GroupedHelpCommand,
    params=[*base_options(), *parameter_options(), *output_options(_FILE_OF_RUN), confined_option()],
)
@_output_option("--plot", is_flag=True, help="print the chart at the end")
@_output_option("--quiet", is_flag=True, help="print only the outcome")
@_output_option(
    "--explain",
    metavar="EPOCH[:UPDATE]",
    help="print the arithmetic of one update instead: 15 (the last update of epoch 15) or 15:3",
)
def run(
    preset: str | None,
    config_file: str | None,
    style: str | None,
    every: int,
    output: str | None,
    plot: bool,
    quiet: bool,
    explain: str | None,
    **values: Any,
) -> int:
    """Train without the app and print each epoch as text, CSV or JSON Lines."""
    if explain is not None:
        from quadfit_tui.cli.explain_command import check_options

        check_options(style)
    style = style or style_of(output or "")
    output = None if is_standard_output(output) else output
    if quiet and output is not None and style == "csv":
        raise click.UsageError("--quiet would leave the CSV file empty; use --format text or jsonl")
    if plot and output is None and style != "text":
        raise click.UsageError(
            f"--plot would mix the chart into the {style} output; use --format text or --output FILE"
        )
    config = configuration(preset, config_file, values)
    refuse_own_source(output, config.data, config_file)
    session = _session(config, None)
    end_with_reader()
    try:
        with interruptible():
            if explain is not None:
                from quadfit_tui.cli.explain_command import explain_update

                return explain_update(session, explain, output)
            with open_output(output) as put:
                _write_run(session, put, style, 0 if quiet else every)
    except KeyboardInterrupt:  # here, since click would write an empty line about it
        return INTERRUPTED
    return _report(session, style if output is None else None, plot)


def _write_run(session: Session, put: WriteLines, style: str, every: int) -> None:
    """Trains to the end; writes each `every`-th epoch (0: none) as soon as it is done, and the last one."""
    from quadfit_tui.core.export.recorder import RunLines

    lines = RunLines(put, style, every)
    lines.begin()
    session.play()
    while not session.status.ended:
        records = session.advance(SLICE)
        lines.take(session.snapshot(), records)


def _report(session: Session, style: str | None, plot: bool) -> int:
    """What standard output (which got `style` before) and standard error get after the run; gives the exit code."""
    from quadfit_tui.core.diagnosis.advice import advised

    snapshot = session.snapshot()
    if plot:
        import shutil

        from quadfit_tui.ui.charts.render import as_text
        from quadfit_tui.ui.views import VIEWS
        from quadfit_tui.ui.views.scene import scene_of

        view = VIEWS["fit"]
        spec = view.draw(scene_of(session), view.words(snapshot))
        size = shutil.get_terminal_size((80, 24))
        chart = as_text(spec, min(size.columns, 120), min(size.lines - 1, 40), ascii=not knows_unicode(sys.stdout))
        print_lines(chart)
    if snapshot.status is Status.DIVERGED:
        complain(f"{NAME}: {advised(snapshot)}")
        return DIVERGED
    if style is None:
        print_lines([advised(snapshot)])
    return OK


@cli.command()
def presets() -> int:
    """List the presets and what each one changes."""
    width = max(map(len, PRESETS))
    lines = []
    for name, config in PRESETS.items():
        changes = [
            f"{parameter.option} {parameter.show(getattr(config, parameter.name)).replace(', ', ',')}"
            for parameter in PARAMETERS.values()
            if getattr(config, parameter.name) != parameter.default
        ]
        lines += [
            f"{name:<{width}}  {SUMMARIES[name]}",
            *([f"{'':<{width}}    {' '.join(changes)}"] if changes else []),
        ]
    end_with_reader()
    with open_output(None) as put:
        put(lines)
    return OK


@cli.command("explain")
def principle() -> int:
    """Explain how it works: the five steps, the formulas, how to read the views."""
    from quadfit_tui.core.explain.principle import TITLE, page
    from quadfit_tui.core.text.ascii import ascii_of
    from quadfit_tui.core.text.document import document_lines
    from quadfit_tui.ui.views import VIEWS

    end_with_reader()
    sections = page({name: view.reading for name, view in VIEWS.items()})
    with open_output(None) as put:
        put(document_lines(TITLE, sections, str if knows_unicode(sys.stdout) else ascii_of))
    return OK


def main(args: list[str] | None = None) -> NoReturn:
    """Runs the command line and exits: 0 done, 2 bad input, 3 diverged, 130 interrupted."""
    # Sums over a batch are too short to be shared out: on a busy server their threads wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        code = cli.main(join_numbers(sys.argv[1:] if args is None else args), NAME, standalone_mode=False)
    except click.ClickException as refused:
        code = fail(refused.format_message())
    except (KeyboardInterrupt, click.Abort):
        code = INTERRUPTED
    except OSError as failure:
        code = fail(f"standard output cannot be written: {failure.strerror}")
    except Exception as failure:
        code = _crashed(failure)
    if args is None:
        # The interpreter looks for garbage in all modules before it takes them apart, which would be a quarter of a
        # short run's processor time; to leave by os._exit would win 2 to 5 % more, and take the figures from profilers.
        gc.freeze()
    _drop_unwritten()
    sys.exit(code)


def _drop_unwritten() -> None:
    """Drops what cannot be written any more: the interpreter would try once more, and exit with 120 for it."""
    for number, stream in enumerate((sys.stdout, sys.stderr), 1):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):  # there is none, or nobody reads it any more
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)
