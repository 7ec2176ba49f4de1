"""`run --explain`: one update with its own numbers, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from quadfit_tui.cli.options import given_names, refuse
from quadfit_tui.cli.output import DIVERGED, NAME, OK, SLICE, complain, open_output
from quadfit_tui.core.diagnosis.verdict import verdict
from quadfit_tui.core.explain.spoken_update import spoken_update
from quadfit_tui.core.explain.worked_update import worked_update
from quadfit_tui.core.text.ascii import ascii_of
from quadfit_tui.core.text.quoting import quoted
from quadfit_tui.core.training.position import START, allowed_updates, read_moment
from quadfit_tui.core.training.status import Status

if TYPE_CHECKING:
    from quadfit_tui.core.session.session import Session


def check_options(style: str | None) -> None:
    """Raises a usage error where an option beside --explain is about writing epochs; `style` is that of --format."""
    for option in ("every", "plot", "quiet"):
        if option in given_names():
            raise click.UsageError(f"--{option} cannot be combined with --explain")
    if style not in (None, "text", "spoken"):
        raise click.UsageError(f"--explain only writes text or spoken; remove --format {style}")


def explain_update(session: Session, asked: str, style: str, output: str | None, overwrites: bool, ascii: bool) -> int:
    """Trains up to a moment, asked for as `15` or `15:3`, and writes the update that led there; gives the exit code.

    Raises a usage error where the run has no such update.
    """
    snapshot = session.snapshot()
    epochs, per_epoch = snapshot.config.epochs, snapshot.updates_per_epoch
    try:
        wanted = read_moment(asked, epochs, per_epoch)
        if wanted == START:
            raise ValueError(f"{quoted(asked)} is before the first update")
    except ValueError as refused:
        refuse("--explain", f"{refused}; allowed: {allowed_updates(epochs, per_epoch)}")
    session.seek(*wanted)
    while session.is_busy:
        session.advance(SLICE)
    snapshot = session.snapshot()
    if snapshot.updates < wanted.updates(per_epoch):
        problem = f"{quoted(asked)} is past the end of the run; {verdict(snapshot)}"
        if snapshot.status is not Status.DIVERGED:
            refuse("--explain", problem)
        complain(f"{NAME}: --explain: {problem}")
        return DIVERGED
    assert snapshot.record is not None  # at least one update is done
    lines = spoken_update(snapshot.record) if style == "spoken" else worked_update(snapshot.record)
    with open_output(output, overwrites) as put:
        put([ascii_of(line) for line in lines] if ascii else lines)
    return OK
