"""Teaching on the command line: all that `main.py` knows of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from quadfit_tui.cli.parsing.help import LazyCommand

if TYPE_CHECKING:
    from quadfit_tui.core.session.session import Session
    from quadfit_tui.ui.app import QuadfitApp
    from quadfit_tui.ui.teaching import Teaching

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
