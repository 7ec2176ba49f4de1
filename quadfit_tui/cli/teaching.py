"""Teaching on the command line: all that `main.py` knows of it, and what it has where that is not installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import click

from quadfit_tui.cli.parsing.help import LazyCommand
from quadfit_tui.core.text.language import _

if TYPE_CHECKING:
    from quadfit_tui.core.session.session import Session
    from quadfit_tui.ui.app import QuadfitApp
    from quadfit_tui.ui.teaching import Teaching

_OPTIONS = ("--lesson", "--lessons", "--class", "--record", "--no-record", "--teacher", "--students", "--spoken")
_COMMAND = "lessons"

Values = dict[str, Any]  # of its options, by their names


class TeachingCommands(NamedTuple):
    """The options and commands of teaching.

    `options_after` are the words that lead to commands whose options may have been given too soon. `by_lines`
    gives what takes the place of the app, if that is asked for or, as it is told, the terminal can show none; given
    the session of the run, that gives the exit code. `on_app` gives what makes the Teaching of an app. Both raise usage
    errors.
    """

    options: Sequence[click.Option]
    commands: Mapping[str, LazyCommand | click.Command]
    options_after: Sequence[str]
    by_lines: Callable[[Values, bool], Callable[[Session], int] | None]
    on_app: Callable[[Values], Callable[[QuadfitApp], Teaching]]


def not_installed() -> TeachingCommands:
    """What there is in the place of teaching: all that is asked of it is refused, in one line."""
    options = [
        click.Option([option], is_flag=False, flag_value="", hidden=True, expose_value=False, callback=_refuse_option)
        for option in _OPTIONS
    ]
    command = click.Command(
        _COMMAND,
        params=[click.Argument(["words"], nargs=-1)],
        callback=_refuse_command,
        hidden=True,
        add_help_option=False,
        context_settings={"ignore_unknown_options": True},
    )
    return TeachingCommands(options, {_COMMAND: command}, (), _no_lines, _no_teaching)


def _refuse_option(ctx: click.Context, param: click.Parameter, value: str | None) -> None:  # noqa: ARG001
    if value is not None:
        told = _("{option} has no effect: lessons are not installed here")
        raise click.UsageError(told.format(option=param.opts[0]))


def _refuse_command(words: tuple[str, ...]) -> NoReturn:  # noqa: ARG001
    raise click.UsageError(_("lessons are not installed here"))


def _no_lines(values: Values, is_dumb: bool) -> None:  # noqa: ARG001
    if is_dumb:
        raise click.UsageError(
            _(
                "a terminal with TERM=dumb cannot show the app, and lessons are not installed here; "
                "use 'quadfit-tui run'"
            )
        )


def _no_teaching(values: Values) -> Callable[[QuadfitApp], Teaching]:  # noqa: ARG001
    from quadfit_tui.ui.teaching import Teaching

    return partial(Teaching, why=_("Lessons are not installed here."))
