"""Position: a point of a run, and how people read and write it: `15`, or `15:3` for three updates later."""

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
    """A point as text."""
    return f"{point.epoch}:{point.update}" if point.update else str(point.epoch)


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
