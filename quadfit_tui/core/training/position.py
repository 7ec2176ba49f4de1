"""Position: a moment of a run, between two updates; parses and formats the names of moments.

Epochs are numbered from 0, and a moment is named by what was done last: `14` is after the last update of epoch 14,
`15:3` after three updates of epoch 15, `start` before all of them.
"""

from __future__ import annotations

from typing import NamedTuple

from quadfit_tui.core.config.value_types import Integer
from quadfit_tui.core.text.language import _, comma_separated, ngettext, pgettext
from quadfit_tui.core.text.quoting import normalized, quoted, with_problem

_START = "start"


class Position(NamedTuple):
    """A moment: whole epochs done, and updates done since."""

    epoch: int
    update: int

    @classmethod
    def after(cls, updates: int, per_epoch: int) -> Position:
        """Returns the position after a total of `updates` of a run whose epochs have `per_epoch` each."""
        return cls(*divmod(updates, per_epoch))

    def updates(self, per_epoch: int) -> int:
        """Returns the total number of updates done, in all epochs."""
        return self.epoch * per_epoch + self.update

    def epochs(self, per_epoch: int) -> float:
        """Returns the epochs done, with the fraction of the one in progress."""
        return self.epoch + self.update / per_epoch


START = Position(0, 0)


def format_moment(position: Position) -> str:
    """Formats a moment so that `parse_moment` parses it again: `start`, `14` or `15:3`."""
    epoch, update = position
    if update:
        return f"{epoch}:{update}"
    return str(epoch - 1) if epoch else _START


def display_moment(position: Position) -> str:
    """Formats a moment for display: like `format_moment`, but with the user's word for `start`."""
    return pgettext("moment", "start") if position == START else format_moment(position)


def moment_phrase(position: Position) -> str:
    """Formats a moment for a sentence: `the start`, `epoch 14` or `epoch 15:3`."""
    return _("the start") if position == START else _("epoch {moment}").format(moment=format_moment(position))


def progress_phrase(position: Position) -> str:
    """Formats the work done before a moment: `14 epochs`, `10 epochs and 3 updates`, or `3 updates`."""
    epochs = ngettext("{n} epoch", "{n} epochs", position.epoch)
    updates = ngettext("{n} update", "{n} updates", position.update)
    if not position.update:
        return epochs
    return _("{epochs} and {updates}").format(epochs=epochs, updates=updates) if position.epoch else updates


def parse_moment(text: str, epochs: int, per_epoch: int) -> Position:
    """Parses a moment that a user typed, such as `start`, `14` or `15:3`, in a run of so many epochs.

    Each epoch has `per_epoch` updates. Raises ValueError with the value and the reason if it is no moment of the run.
    """
    try:
        cleaned = normalized(text)
        if cleaned.lower() == _START:
            return START
        before, colon, after = cleaned.partition(":")
        epoch = Integer(0, epochs - 1).parse(before)
        update = Integer(1, per_epoch).parse(after) if colon else per_epoch
    except ValueError as refused:
        raise ValueError(with_problem(quoted(text), str(refused))) from None
    return Position.after(Position(epoch, update).updates(per_epoch), per_epoch)


def allowed_moments(epochs: int, per_epoch: int) -> str:
    """Formats the texts that `parse_moment` accepts, for messages: `start, 0 to 99, or 0:1 to 99:800`."""
    return comma_separated([_START, allowed_updates(epochs, per_epoch)])


def moments_in_brief(epochs: int, per_epoch: int) -> tuple[str, str]:
    """Formats the moments for a prompt, with and without `start`: `start, 0 to 99, or 15:3`; `0 to 99, or 15:3`."""
    last = epochs - 1
    fewer = _allowed(last, f"{min(15, last)}:{min(3, per_epoch)}" if per_epoch > 1 else "")
    return comma_separated([_START, fewer]), fewer


def allowed_updates(epochs: int, per_epoch: int) -> str:
    """Formats the texts that name an update, for messages: `0 to 99, or 0:1 to 99:800`."""
    last = epochs - 1
    return _allowed(last, _range("0:1", f"{last}:{per_epoch}") if per_epoch > 1 else "")


def _allowed(last: int, updates: str) -> str:
    """Formats the epochs up to the last one, and the names of `updates`, unless these are empty."""
    whole = _range("0", str(last))
    return _("{epochs}, or {updates}").format(epochs=whole, updates=updates) if updates else whole


def _range(first: str, last: str) -> str:
    return first if first == last else _("{first} to {last}").format(first=first, last=last)
