"""`run --explain`: one update with its own numbers, as text."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from quadfit_tui.cli.options import given, refuse
from quadfit_tui.cli.output import DIVERGED, NAME, OK, SLICE, complain, knows_unicode, opened
from quadfit_tui.core.config.value_types import Integer
from quadfit_tui.core.diagnosis.verdict import verdict
from quadfit_tui.core.explain.worked_update import worked_update
from quadfit_tui.core.text.ascii import in_ascii
from quadfit_tui.core.text.quoting import quoted
from quadfit_tui.core.training.status import Status

if TYPE_CHECKING:
    from quadfit_tui.core.session.session import Session


def refuse_beside_explain(style: str | None) -> None:
    """Refuses what would say how the epochs are to be written."""
    for option in ("every", "plot", "quiet"):
        if option in given():
            raise click.UsageError(f"--{option} is about epochs, and --explain writes none; allowed: one of the two")
    if style not in (None, "text"):
        raise click.UsageError(f"--explain writes text, not {style}; allowed: with --format text")


def explain_update(session: Session, asked: str, output: str | None) -> int:
    """Writes the worked update that is asked for as `15` or `15:3`; gives the exit code."""
    snapshot = session.snapshot()
    epoch, update = _which_update(asked, snapshot.config.epochs, snapshot.updates_per_epoch)
    session.seek(epoch, update)
    while session.is_busy:
        session.advance(SLICE)
    snapshot = session.snapshot()
    if snapshot.updates < epoch * snapshot.updates_per_epoch + update:
        problem = f"{quoted(asked)} is beyond the end of the run; {verdict(snapshot)}"
        if snapshot.status is not Status.DIVERGED:
            refuse("--explain", problem)
        complain(f"{NAME}: --explain: {problem}")
        return DIVERGED
    assert snapshot.record is not None  # at least one update is done
    lines = worked_update(snapshot.record, snapshot.config, snapshot.problem)
    with opened(output) as put:
        put(lines if output or knows_unicode(sys.stdout) else in_ascii(lines))
    return OK


def _which_update(asked: str, epochs: int, per_epoch: int) -> tuple[int, int]:
    """The epoch and the update in it, from 1; without one it is the last."""
    first, colon, second = asked.partition(":")
    numbers = []
    for text, low, high in ((first, 0, epochs - 1), (second if colon else str(per_epoch), 1, per_epoch)):
        try:
            numbers.append(Integer(low, high).parse(text))
        except ValueError as reason:
            allowed = f"EPOCH or EPOCH:UPDATE, epoch 0 to {epochs - 1} and update 1 to {per_epoch}"
            refuse("--explain", f"{quoted(asked)} {reason}; allowed: {allowed}")
    return numbers[0], numbers[1]
