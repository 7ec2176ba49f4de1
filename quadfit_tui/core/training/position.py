"""Where in a run: the points between its updates, and the updates themselves, as people read and write them.

A point is `15`, once so many epochs are done, or `15:3` for three updates later. An update is `15:3`, the third one of
epoch 15, or `15` for the last one of that epoch. Epochs are numbered from 0, the updates of each from 1.
"""

from __future__ import annotations

from typing import NamedTuple

from quadfit_tui.core.config.value_types import Integer
from quadfit_tui.core.text.quoting import normalized, quoted


class Position(NamedTuple):
    """A point between two updates: whole epochs done, and updates done since."""

    epoch: int
    update: int


START = Position(0, 0)


def position_text(point: Position) -> str:
    """A point as text that `read_position` reads back: `15` or `15:3`."""
    return update_text(point.epoch, point.update or None)


def update_text(epoch: int, update: int | None = None) -> str:
    """An update as text that `read_update` reads back: `15:3`, or `15` for the last one of the epoch (None)."""
    return str(epoch) if update is None else f"{epoch}:{update}"


def read_position(text: str, epochs: int, per_epoch: int) -> Position:
    """The point that somebody typed, in a run of so many epochs of `per_epoch` updates.

    Raises ValueError with the value and what is allowed.
    """
    before, colon, after = normalized(text).partition(":")
    epoch = _read("epoch", before, epochs)
    update = _read("update", after, per_epoch) if colon else 0
    point = Position(epoch + update // per_epoch, update % per_epoch)
    if point > (epochs, 0):
        raise ValueError(f"epoch {quoted(normalized(text))} is too large; allowed: 0 to {epochs}")
    return point


def _read(what: str, text: str, most: int) -> int:
    try:
        return Integer(0, most).parse(text)
    except ValueError as refused:
        raise ValueError(f"{what} {quoted(text)} {refused}; allowed: 0 to {most}") from None


def read_update(text: str, epochs: int, per_epoch: int) -> Position:
    """The point to which the update leads that somebody named, in a run of so many epochs of `per_epoch` updates.

    Raises ValueError with the value and what is allowed.
    """
    try:
        before, colon, after = normalized(text).partition(":")
        epoch = Integer(0, epochs - 1).parse(before)
        update = Integer(1, per_epoch).parse(after) if colon else per_epoch
    except ValueError as refused:
        allowed = f"EPOCH or EPOCH:UPDATE, epoch 0 to {epochs - 1} and update 1 to {per_epoch}"
        raise ValueError(f"{quoted(text)} {refused}; allowed: {allowed}") from None
    return Position(epoch + update // per_epoch, update % per_epoch)
