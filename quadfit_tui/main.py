"""The command line: the app by default, `run` without a screen, `presets`, `explain`, `manual`.

The options of a run are made from the parameter table. Whatever goes wrong is said in one line on standard error.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeVar

import click

import quadfit_tui.serve.cli.serve_entry
import quadfit_tui.sweeps.cli.sweep_entry
import quadfit_tui.teaching.cli.teaching_entry
from quadfit_tui.cli.annex import Annex, Values
from quadfit_tui.cli.app_terminal import (
    is_dumb_terminal,
    refuse_standard_input,
    refuse_without_posix,
    refuse_without_terminal,
)
from quadfit_tui.cli.commands.command_table import COMMANDS
from quadfit_tui.cli.commands.run_session import make_session
from quadfit_tui.cli.exit_codes import APP_EXIT_CODES, CRASHED, INTERRUPTED, OK
from quadfit_tui.cli.language_choice import choose_language
from quadfit_tui.cli.moments import IN_APP, TRAINED_TO, complete_moments, start_app
from quadfit_tui.cli.output.printing import NAME, fail, print_error, print_parabola
from quadfit_tui.cli.parsing.arguments import join_numbers
from quadfit_tui.cli.parsing.combinations import COMBINATIONS, PAUSED, check_together
from quadfit_tui.cli.parsing.help import (
    LANG_OPTION,
    GroupedHelpGroup,
    TableOption,
    commands_below,
    misplaced_option_message,
)
from quadfit_tui.cli.parsing.options import (
    about_views,
    base_options,
    check_theme,
    configuration,
    confined_options,
    is_bare,
    parameter_options,
    typed_option_names,
    version_option,
)
from quadfit_tui.cli.settings import (
    DEFAULT_FPS,
    MAX_FPS,
    about_dropped,
    chosen_theme,
    chosen_views,
    save_settings,
    saved_settings,
    settings_options,
)
from quadfit_tui.cli.user_folders import own_folders, presets_folder
from quadfit_tui.core.config.own_presets import PresetCatalog
from quadfit_tui.core.config.presets import BARE, DEFAULT, OWN_DATA, PRESETS
from quadfit_tui.core.config.toml.settings_file import Settings
from quadfit_tui.core.files import access, protected_files, refusals
from quadfit_tui.core.session.playback import DEFAULT_SPEED, SPEEDS, Unit
from quadfit_tui.core.text.language import N_, _, full_stop

# What loads NumPy or Textual is imported by the functions that need it: --help and --version load neither.
if TYPE_CHECKING:
    from quadfit_tui.core.config.parameters import RunConfig
    from quadfit_tui.core.session.session import RunSession
    from quadfit_tui.ui.app import QuadfitApp
    from quadfit_tui.ui.run_table import RunTable
    from quadfit_tui.ui.teaching import Teaching

# In the order of their commands. Nothing else of the simulator knows them: without the lines that name it here and in
# __init__.py, an annex can be deleted (`.ci/without`).
_ANNEXES: list[Annex] = [
    quadfit_tui.sweeps.cli.sweep_entry.ANNEX,
    quadfit_tui.serve.cli.serve_entry.ANNEX,
    quadfit_tui.teaching.cli.teaching_entry.ANNEX,
]
_EXAMPLES = (
    (NAME, lambda: _("the {preset}; press Space to play, ? for all keys").format(preset=BARE)),
    (f"{NAME} -p article", N_("the article's run")),
    (f"{NAME} -p noisy --view loss --play", N_("another preset and view, playing immediately")),
    (f"{NAME} -d samples.csv", N_("fit your own two-column file")),
    (f"{NAME} run --quiet", N_("train without the app")),
)
_OPTIONS = [option for annex in _ANNEXES for option in annex.options]
_OPTIONS_AFTER = ["run", *(path for annex in _ANNEXES for path in annex.options_after)]
_COMMANDS = {name: command for annex in _ANNEXES for name, command in annex.commands.items()}
_ROWS = [row for each in (*(annex.combinations for annex in _ANNEXES), COMBINATIONS) for row in each.get("app", ())]
_screen_option = partial(TableOption, group="screen")
_T = TypeVar("_T")


@click.group(
    cls=GroupedHelpGroup,
    commands={"run": COMMANDS["run"], **_COMMANDS, **COMMANDS},
    invoke_without_command=True,
    params=[
        *base_options(of_app=True),
        *parameter_options(),
        *settings_options(),
        _screen_option(["--at"], metavar="MOMENT", shell_complete=complete_moments, help=IN_APP),
        _screen_option(["--trained-to"], metavar="MOMENT", shell_complete=complete_moments, help=TRAINED_TO),
        *_OPTIONS,
        _screen_option(["--play"], is_flag=True, help=N_("start playing immediately")),
        _screen_option(["--ascii"], is_flag=True, help=N_("draw with ASCII characters only")),
        _screen_option(["--no-mouse"], is_flag=True, help=N_("do not capture the mouse")),
        _screen_option(
            ["--downloads"],
            is_flag=True,
            help=N_("send each file that you save to the terminal instead, as a download (as iTerm2 takes it)"),
        ),
        *confined_options(),
        version_option(),
    ],
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=N_("Watch gradient descent fit the parabola f(x) = ax² + bx + c, live in the terminal."),
    epilog=N_("Numbers can be written as 0.5, 1e-3, -11/6 or 0,5; triples as 2,-4,3."),
    examples=_EXAMPLES,
    exit_codes=APP_EXIT_CODES,
)
@click.pass_context
def cli(
    ctx: click.Context,
    /,
    preset: str | None,
    config_file: str | None,
    speed: str | None,
    unit: str | None,
    fps: int | None,
    view: tuple[str, ...],
    at: str | None,
    trained_to: str | None,
    theme: str | None,
    no_settings: bool,
    play: bool,
    ascii: bool,
    no_mouse: bool,
    downloads: bool,
    **values: Any,
) -> int:
    """Runs the app, or prepares for the command that follows; returns the exit code."""
    if ctx.invoked_subcommand is not None:
        _refuse_misplaced(ctx.invoked_subcommand)
        _enable_garbage_collection()
        return OK
    of_annexes: Values = {str(option.name): values.pop(str(option.name), None) for option in _OPTIONS}
    by_lines = _first(annex.by_lines(of_annexes, is_dumb_terminal()) for annex in _ANNEXES)
    check_together(_ROWS, _by_rule_name(of_annexes) | {"--at MOMENT": at, PAUSED: at})
    if by_lines is None:
        refuse_without_posix()
    refuse_standard_input("--config", config_file)
    table = _first(annex.run_table(of_annexes, by_lines is not None) for annex in _ANNEXES)
    config = configuration(BARE if is_bare() else preset, config_file, values)
    if table is not None:
        config = table.config
    refuse_standard_input("--data", config.data)
    if by_lines is not None:
        _enable_garbage_collection()
        return by_lines(make_session(config, None))
    base = _base_preset(preset, config_file, table, config)
    teaching = _first(annex.teaching(of_annexes) for annex in _ANNEXES)
    refuse_without_terminal()
    settings = Settings({}) if no_settings else saved_settings(of_a_moment=at is not None)
    session = make_session(config, SPEEDS[speed or settings.values.get("speed", f"{DEFAULT_SPEED}")], True)
    session.unit = Unit(unit or settings.values.get("unit", Unit.EPOCH))
    start_app(session, at, trained_to, play)
    catalog = PresetCatalog(presets_folder)
    if preset not in (None, *PRESETS):  # otherwise the user's presets are read when a list shows them
        catalog.read()
    screen = _ScreenOptions(fps, view, theme, ascii, not no_mouse, downloads, keeps=not no_settings, table=table)
    return _run_app(session, base, teaching, catalog, settings, screen)


def _base_preset(preset: str | None, config_file: str | None, table: RunTable | None, config: RunConfig) -> str:
    """Returns the preset with which the app compares a run: none if the user has chosen the run by name or file."""
    if preset or config_file or table:
        return ""
    if is_bare():
        return BARE
    return OWN_DATA if config.data else DEFAULT


def _first(offers: Iterable[_T | None]) -> _T | None:
    """Returns the first offer of an annex that is not None, or None."""
    return next((offer for offer in offers if offer is not None), None)


def _by_rule_name(values: Values) -> dict[str, object]:
    """Maps the options of annexes, as COMBINATIONS spells them (with and without a metavar), to their values."""
    names = [(name, option) for option in _OPTIONS for name in (option.opts[0], f"{option.opts[0]} {option.metavar}")]
    return {name: values[str(option.name)] for name, option in names}


def _enable_garbage_collection() -> None:
    """Turns garbage collection on again, but seldom: it would look through all imported modules time and again, which
    takes 7 % of a short run."""
    gc.set_threshold(100_000)
    gc.enable()


def _refuse_misplaced(command: str) -> None:
    """Raises a usage error about options before a command that belong behind it, or to the app alone."""
    options = {param.name: param.opts[-1] for param in click.get_current_context().command.params}
    for name in typed_option_names():
        option = options[name]
        if option == LANG_OPTION:
            continue
        for path, owner in commands_below(cli):
            is_called = path in _OPTIONS_AFTER and path.split()[0] == command
            if is_called and any(param.name == name for param in owner.params):
                raise click.UsageError(_("{option} goes after {command}").format(option=option, command=repr(path)))
        raise click.UsageError(misplaced_option_message(option, cli, command))


class _ScreenOptions(NamedTuple):
    """The options about the screen. `keeps`: changes in the app are saved as settings; `table`: runs that it lists.

    `downloads`: saved files are sent to the terminal instead.
    """

    fps: int | None
    views: tuple[str, ...]
    theme: str | None
    ascii: bool
    mouse: bool
    downloads: bool
    keeps: bool
    table: RunTable | None


def _run_app(
    session: RunSession,
    base: str,
    teaching: Callable[[QuadfitApp], Teaching] | None,
    presets: PresetCatalog,
    settings: Settings,
    screen: _ScreenOptions,
) -> int:
    """Runs the app until the user leaves it; returns the exit code."""
    rate = screen.fps or _fps_of_textual() or int(settings.values.get("fps", DEFAULT_FPS))
    os.environ["TEXTUAL_FPS"] = str(min(2 * MAX_FPS, 12 * rate))  # the effect of a key need not wait for a frame
    from quadfit_tui.core.text.sentences import capitalized
    from quadfit_tui.ui.app import QuadfitApp
    from quadfit_tui.ui.display.capabilities import capabilities_of
    from quadfit_tui.ui.teaching import Teaching

    views = chosen_views(screen.views)
    capabilities = capabilities_of(os.environ, sys.stdout.encoding, screen.ascii)
    app = QuadfitApp(
        session,
        fps=rate,
        views=views,
        capabilities=capabilities,
        presets=presets,
        teaching=teaching or Teaching,
    )
    theme, faults = chosen_theme(settings)
    if screen.theme is not None:
        check_theme(screen.theme, app.available_themes)
        app.theme = screen.theme
    elif not os.environ.get("TEXTUAL_THEME"):
        if theme is not None:
            app.theme = theme
        else:
            app.follow_background(os.environ)
    app.base, app.runs.table, app.downloads = base, screen.table, screen.downloads
    app.views.saves_settings = screen.keeps
    app.narration.pauses = True
    removed = [full_stop(capitalized(message)) for message in about_views()]
    app.notices = [*removed, *about_dropped(settings), *settings.faults, *faults]
    for name in ("COLUMNS", "LINES"):  # they may be those of an earlier window, and Rich would believe them
        os.environ.pop(name, None)
    access.forbid_blocking()
    with app.ending_by_signals():
        code = _run_until_left(app, screen.mouse)
        if screen.keeps and code != CRASHED:
            save_settings(app.changed_settings, settings.dropped)
    return code


def _fps_of_textual() -> int | None:
    """Returns the frames a second that TEXTUAL_FPS asks for, at most MAX_FPS, or None if it is no such number."""
    text = os.environ.get("TEXTUAL_FPS", "")
    is_rate = text.isascii() and text.isdecimal() and int(text) > 0
    return min(int(text), MAX_FPS) if is_rate else None


def warm_up() -> None:
    """Renders the app's first picture off screen, which fills the caches of the process before it is forked."""
    import asyncio

    from quadfit_tui.core.session.session import RunSession
    from quadfit_tui.ui.app import QuadfitApp

    async def show() -> None:
        app = QuadfitApp(RunSession(PRESETS[BARE]), runner=lambda job, done: done(job()))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()

    asyncio.run(show())


def _run_until_left(app: QuadfitApp, mouse: bool) -> int:
    """Runs the app, prints what it has come to, and returns its exit code; reports a crash."""
    code = OK
    try:
        app.run(mouse=mouse)
    except Exception as failure:
        code = _report_crash(failure)
    if not (code or app.return_code):
        print_parabola(app.session, app.capabilities.ascii)
    for message in filter(None, (app.saving.unfinished, app.teaching.finish())):
        print_error(f"{NAME}: {message}")
    return code or app.return_code or OK


def _report_crash(failure: Exception) -> int:
    """Saves a report of an unexpected error, prints where it is, and returns the exit code."""
    from quadfit_tui.cli.crash_report import report

    print_error(report(failure))
    return CRASHED


def main(args: list[str] | None = None) -> NoReturn:
    """Runs the command line and exits, with one of the codes of exit_codes.py."""
    # Sums over a batch are too short for several threads: on a busy server these would wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    args_given = sys.argv[1:] if args is None else args
    choose_language(args_given)
    protected_files.register_protected("user", own_folders)
    if "_QUADFIT_TUI_COMPLETE" in os.environ:
        from quadfit_tui.cli.parsing.completion import complete_options_with_values

        complete_options_with_values()
    try:
        code = cli.main(join_numbers(args_given), NAME, standalone_mode=False)
    except click.ClickException as refused:
        code = fail(refused.format_message())
    except (KeyboardInterrupt, click.Abort):
        code = INTERRUPTED
    except OSError as failure:
        code = fail(_("standard output cannot be written: {problem}").format(problem=refusals.reason(failure)))
    except Exception as failure:
        code = _report_crash(failure)
    if args is None:
        # At exit the interpreter looks for garbage in all modules, which would be a quarter of a short run's processor
        # time. os._exit would save 2 to 5 % more, but profilers would lose their figures.
        gc.freeze()
    _drop_unwritten()
    sys.exit(code)


def _drop_unwritten() -> None:
    """Flushes both streams, or points a broken one to /dev/null, so that the interpreter does not exit with 120."""
    for number, stream in enumerate((sys.stdout, sys.stderr), 1):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):  # the stream is missing, closed, or its reader has gone
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)
