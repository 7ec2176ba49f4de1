"""Annex: all that `main.py` knows of one, on the command line and in the app."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from quadfit_tui.cli.parsing.combinations import Combinations
from quadfit_tui.cli.parsing.help import LazyCommand

if TYPE_CHECKING:
    from quadfit_tui.core.session.session import RunSession
    from quadfit_tui.ui.app import QuadfitApp
    from quadfit_tui.ui.run_table import RunTable
    from quadfit_tui.ui.teaching import Teaching

Values = dict[str, Any]  # of the options that annexes have in the app, by their names


def _nothing(*_values: object) -> None:
    """What an annex has to do where it overrides nothing."""


class Annex(NamedTuple):
    """The commands of an annex, its options of the app, and what these have the app do.

    `combinations` has the options that its commands, or the app, refuse beside others or without them.
    `options_after` are the words that lead to commands whose options may have been given too soon. `by_lines`
    gives what takes the place of the app, if that is asked for or, as it is told, the terminal can show none; given
    the session of the run, that gives the exit code. `teaching` gives what makes the Teaching of an app; `run_table`,
    the table of runs that the app opens, told whether something takes the place of the app. All of them raise usage
    errors.
    """

    commands: Mapping[str, LazyCommand | click.Command]
    options: Sequence[click.Option] = ()
    combinations: Combinations = MappingProxyType({})
    options_after: Sequence[str] = ()
    by_lines: Callable[[Values, bool], Callable[[RunSession], int] | None] = _nothing
    teaching: Callable[[Values], Callable[[QuadfitApp], Teaching] | None] = _nothing
    run_table: Callable[[Values, bool], RunTable | None] = _nothing
