"""Playback: its units, its speeds, and a pacer that counts the units due by a clock."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from numbers import Integral
from typing import Any

from quadfit_tui.core.config.own_values import value_text
from quadfit_tui.core.config.parameters import ConfigError
from quadfit_tui.core.text.language import _, one_of

# Units a second by name; None: as fast as possible.
SPEEDS: dict[str, int | None] = {"1": 1, "2": 2, "5": 5, "10": 10, "30": 30, "max": None}
DEFAULT_SPEED = 10
# Maximum time to catch up with after a stall (a suspended program), in seconds. It is more than the time between two
# pictures on a busy machine, else a run would fall behind its speed there.
MOST_LAG = 1.0


class Unit(StrEnum):
    """The unit of a step and of playback."""

    UPDATE = "update"
    EPOCH = "epoch"

    @classmethod
    def _missing_(cls, value: object) -> None:
        raise ConfigError(("unit",), value_text(value), _("is not one of the choices"), one_of([*cls]))


def checked_speed(speed: int | None) -> int | None:
    """Returns a speed as a plain int, or None for the fastest; raises ValueError if it is not a speed."""
    if speed is None:
        return None
    if isinstance(speed, bool) or not isinstance(speed, Integral) or speed < 1:
        raise ConfigError(("speed",), value_text(speed), "cannot be used", "a whole number above 0, or None")
    return int(speed)


class Pacer:
    """A counter of the units that are due by a clock, `speed` a second; if that is None, one is always due."""

    def __init__(self, clock: Callable[[], float], speed: int | None) -> None:
        self.speed = speed
        self._clock = clock
        self.reset()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.reset()  # clocks of other machines start at other times

    def reset(self) -> None:
        """Restarts the count: one unit is due at once, the next one after 1/speed seconds."""
        self._credit = 1.0
        self._earned_at = self._clock()

    def refill(self) -> None:
        """Adds the units earned since the last call; called while the run plays."""
        if self.speed is not None:
            now = self._clock()
            earned = self._credit + (now - self._earned_at) * self.speed
            self._credit = min(earned, 1 + self.speed * MOST_LAG)
            self._earned_at = now

    @property
    def is_due(self) -> bool:
        """Whether a unit is due now."""
        return self.speed is None or self._credit > 1 - 1e-6

    def consume(self) -> None:
        """Subtracts a unit that has been played."""
        self._credit -= 1
