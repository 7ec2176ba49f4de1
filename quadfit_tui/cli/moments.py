"""Moments on the command line: parses what --at and --explain name, and trains up to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quadfit_tui.cli.exit_codes import DIVERGED, OK
from quadfit_tui.cli.interrupts import SLICE
from quadfit_tui.cli.output.printing import NAME, print_error
from quadfit_tui.cli.parsing.options import refuse
from quadfit_tui.core.config.presets import DEFAULT, OWN_DATA, PRESETS
from quadfit_tui.core.session.verdict import verdict
from quadfit_tui.core.session.visit import PastEndError, visit
from quadfit_tui.core.text.language import N_, _, clauses
from quadfit_tui.core.text.quoting import quoted, with_allowed
from quadfit_tui.core.training.position import Position, allowed_moments, parse_moment
from quadfit_tui.core.training.status import Status

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem

    from quadfit_tui.core.session.session import RunSession

IN_APP = N_("open the app at this moment, paused: start, 14 (after epoch 14) or 15:3 (three updates of epoch 15 later)")
TRAINED_TO = N_("the latest moment up to which the run of --at was trained [the same moment]")
IN_RUN = N_("print only the line of this moment: 14 (after epoch 14) or 15:3 (after the third update of epoch 15)")


def complete_moments(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Returns the moments that a shell completes: the start, and the first and the last epoch of the run.

    The number of epochs comes from the options before, so far as click has parsed them.
    """
    from click.shell_completion import CompletionItem

    base = ctx.params.get("preset") or (OWN_DATA if ctx.params.get("data") else DEFAULT)
    epochs = ctx.params.get("epochs") or PRESETS.get(base, PRESETS[DEFAULT]).epochs
    # A moment such as 15:3 is not offered, as bash splits words at a colon.
    helps = {"start": _("before the first update"), "0": _("after epoch 0")}
    helps |= {str(epochs - 1): _("after the last of {epochs} epochs").format(epochs=epochs)}
    if param.name == "explain":  # no update leads to the start
        del helps["start"]
    return [CompletionItem(name, help=about) for name, about in helps.items() if name.startswith(incomplete)]


def start_app(session: RunSession, at: str | None, trained_to: str | None, plays: bool) -> None:
    """Sets how the app starts: paused at the start, playing (`plays`), or on its way to the moment of --at.

    `trained_to` is the moment of --trained-to. Raises a usage error if the run has no such moment, or if `trained_to`
    is before `at`.
    """
    if at is None:
        if plays:
            session.play()
        return
    position = _parse_moment(session, "--at", at)
    newest = position if trained_to is None else _parse_moment(session, "--trained-to", trained_to)
    if newest < position:
        template = _("{moment} is before --at {at}; allowed: {at}, or a later moment")
        refuse("--trained-to", template.format(moment=quoted(trained_to or ""), at=at))
    session.revisit(position, newest)


def _parse_moment(session: RunSession, option: str, asked: str) -> Position:
    """Parses the moment of an option; raises a usage error if the run has no such moment."""
    snapshot = session.snapshot()
    epochs, per_epoch = snapshot.config.epochs, snapshot.updates_per_epoch
    try:
        return parse_moment(asked, epochs, per_epoch)
    except ValueError as refused:
        refuse(option, with_allowed(str(refused), allowed_moments(epochs, per_epoch)))


def train_to(session: RunSession, option: str, asked: str) -> int:
    """Trains a run up to the moment of --at or --explain, to which an update must lead; returns the exit code.

    If the run diverged before, prints that. Raises a usage error if the run has no such update.
    """
    try:
        for _visited in visit(session, asked, after_update=True, budget=SLICE):
            pass
    except PastEndError as past:
        problem = clauses([str(past), verdict(session.snapshot())])
        if session.status is not Status.DIVERGED:
            refuse(option, problem)
        print_error(f"{NAME}: {option}: {problem}")
        return DIVERGED
    except ValueError as refused:
        refuse(option, str(refused))
    return OK
