"""Moments as a program names them: a text such as "15:3", or the number of an epoch; a session taken there."""

from __future__ import annotations

from collections.abc import Iterator
from operator import index
from typing import SupportsIndex

from quadfit_tui.core.config.own_values import format_typed_value
from quadfit_tui.core.session.session import RunSession
from quadfit_tui.core.session.verdict import verdict
from quadfit_tui.core.session.visit import PastEndError, advance_until_idle
from quadfit_tui.core.session.visit import visit as visited
from quadfit_tui.core.training.position import Position
from quadfit_tui.core.training.record_log import RecordLog

Moment = str | SupportsIndex  # "start", "15:3", "end", or an epoch by its number
_END = "end"


def visit(session: RunSession, moment: Moment, *, after_update: bool = False) -> Iterator[RecordLog]:
    """Moves a session to a moment such as "start", 14 or "15:3", and pauses it there; yields the records trained.

    At "end" the run has converged, finished or diverged: its status says which. Raises ValueError if the run has no
    such moment, or ends before it, TypeError for anything that is no moment.
    """
    try:
        name = moment if isinstance(moment, str) else str(index(moment))
    except TypeError:
        raise TypeError(
            f"{format_typed_value(moment)} is not a moment; allowed: a text such as '15:3', or a whole number"
        ) from None
    if name == _END:
        session.go_to(Position(session.config.epochs, 0))
        yield from advance_until_idle(session)
        return
    try:
        yield from visited(session, name, after_update=after_update)
    except PastEndError as past:
        raise ValueError(f"{past}; {verdict(session.snapshot())}") from None
