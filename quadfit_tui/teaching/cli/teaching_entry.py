"""`installed`: teaching on the command line, which is loaded when it is called."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from quadfit_tui.cli.teaching import TeachingCommands, Values
from quadfit_tui.teaching.cli.lessons_options import LESSONS, app_options

# What teaches is imported by the functions that need it.
if TYPE_CHECKING:
    from quadfit_tui.core.session.session import Session
    from quadfit_tui.ui.app import QuadfitApp
    from quadfit_tui.ui.teaching import Teaching


def installed() -> TeachingCommands:
    """Teaching on the command line."""
    return TeachingCommands(app_options(), {"lessons": LESSONS}, ("lessons play",), _by_lines, _on_app)


def _by_lines(values: Values, is_dumb: bool) -> Callable[[Session], int] | None:
    if not (values["spoken"] or is_dumb):
        return None
    from quadfit_tui.teaching.cli.lessons_app import by_lines

    return by_lines(values)


def _on_app(values: Values) -> Callable[[QuadfitApp], Teaching]:
    from quadfit_tui.teaching.cli.lessons_app import on_app

    return on_app(values)
