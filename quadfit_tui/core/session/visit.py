"""Moves a session to a named moment: for run --at and --explain, the library, and tests of the app."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from quadfit_tui.core.text.language import _
from quadfit_tui.core.text.quoting import quoted, with_allowed
from quadfit_tui.core.training.position import START, allowed_moments, allowed_updates, parse_moment

if TYPE_CHECKING:  # the command line refuses moments before it loads NumPy
    from quadfit_tui.core.session.session import RunSession
    from quadfit_tui.core.training.record_log import RecordLog


class PastEndError(ValueError):
    """Raised if the run ends before the wanted moment."""


def visit(
    session: RunSession, name: str, *, after_update: bool = False, budget: float = math.inf
) -> Iterator[RecordLog]:
    """Moves a session to a moment such as "start", "14" or "15:3"; yields the records of training, piece by piece.

    `after_update`: the start is refused. Each piece takes about `budget` seconds. Raises ValueError if the run has no
    such moment, PastEndError if it ends before.
    """
    snapshot = session.snapshot()
    epochs, per_epoch = snapshot.config.epochs, snapshot.updates_per_epoch
    try:
        wanted = parse_moment(name, epochs, per_epoch)
        if after_update and wanted == START:
            raise ValueError(_("{moment} is before the first update").format(moment=quoted(name)))
    except ValueError as error:
        allowed = (allowed_updates if after_update else allowed_moments)(epochs, per_epoch)
        raise ValueError(with_allowed(str(error), allowed)) from None
    session.go_to(wanted)
    yield from advance_until_idle(session, budget)
    if session.snapshot().updates < wanted.updates(per_epoch):  # the epoch in which it diverged has no end
        raise PastEndError(_("{moment} is past the end of the run").format(moment=quoted(name)))


def advance_until_idle(session: RunSession, budget: float = math.inf) -> Iterator[RecordLog]:
    """Advances a session until it is idle; yields the records of training, piece by piece."""
    while session.is_busy:
        yield session.advance(budget)
