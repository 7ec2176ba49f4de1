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

Values = dict[str, Any]  # the values of the annexes' options of the app, by name


def _nothing(*_values: object) -> None:
    """Does nothing; the default of the hooks that an annex does not define."""


class Annex(NamedTuple):
    """The commands of an annex, its options of the app, and the hooks by which these change the app.

    `combinations`: the options that its commands, or the app, refuse beside others or without them. `options_after`:
    names of commands; an option of one of them that was typed before its name gets a hint. `by_lines(values, is_dumb)`
    returns the function that runs in place of the app, or None for the app itself; that function takes the session of
    the run and returns the exit code. `teaching(values)` returns the factory of the app's Teaching, or None.
    `run_table(values, by_lines)` returns the table of runs that the app opens, or None; its second argument: whether
    something runs in place of the app. All three hooks raise usage errors.
    """

    commands: Mapping[str, LazyCommand | click.Command]
    options: Sequence[click.Option] = ()
    combinations: Combinations = MappingProxyType({})
    options_after: Sequence[str] = ()
    by_lines: Callable[[Values, bool], Callable[[RunSession], int] | None] = _nothing
    teaching: Callable[[Values], Callable[[QuadfitApp], Teaching] | None] = _nothing
    run_table: Callable[[Values, bool], RunTable | None] = _nothing
