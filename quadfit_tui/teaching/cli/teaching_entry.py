"""ANNEX: teaching as main.py has it: `lessons`, and options of the app, which load it when they are used."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from quadfit_tui.cli.annex import Annex, Values
from quadfit_tui.cli.parsing.combinations import OF_RUNS, WITHOUT, OptionRule
from quadfit_tui.core.text.language import N_
from quadfit_tui.teaching.cli.lessons_options import LESSONS, app_options

# Other modules of teaching are imported by the functions that need them.
if TYPE_CHECKING:
    from quadfit_tui.core.session.session import RunSession
    from quadfit_tui.ui.app import QuadfitApp
    from quadfit_tui.ui.teaching import Teaching


def _by_lines(values: Values, is_dumb: bool) -> Callable[[RunSession], int] | None:
    """Returns the function that runs the dialogue instead of the app, for --spoken or a dumb terminal; else None."""
    if not (values["spoken"] or is_dumb):
        return None
    from quadfit_tui.teaching.cli.lessons_app import by_lines

    return by_lines(values)


def _teaching(values: Values) -> Callable[[QuadfitApp], Teaching]:
    """Returns the function that creates the Teaching of the app."""
    from quadfit_tui.teaching.cli.lessons_app import on_app

    return on_app(values)


_IN_LESSON = N_("{option} has no effect with --lesson, which sets the runs itself")
COMBINATIONS = {
    "app": (
        OptionRule((*OF_RUNS, "at", "play"), _IN_LESSON, ("--lesson",)),
        OptionRule(("students",), WITHOUT, ("--teacher", "--class DIR")),
    ),
    "lessons new": (OptionRule(("columns",), WITHOUT, ("--data",)),),
}
ANNEX = Annex({"lessons": LESSONS}, app_options(), COMBINATIONS, ("lessons play",), _by_lines, _teaching)
