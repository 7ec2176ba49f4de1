"""RunEvents: what is worth telling of a run while it goes on, at most so many events however long it is.

An event is a new power of ten of the lowest mean loss, a rise of it by more than 5 %, or a rate that has halved since
it was last told. What is so far below the first mean loss that only rounding is left of it is no news. Those near each
other are told as one, and the later ones are the rarer.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable
from typing import NamedTuple

from quadfit_tui.core.config.parameters import RunConfig
from quadfit_tui.core.methods.schedules import SCHEDULES

RISE = 1.05  # times the lowest mean loss since the last event
ROUNDED = 2.0**-96  # of the mean loss at the start: the square of some units in the last place
NEAR = 5  # epochs: an event that goes on is told after so many, and so are rises that follow on a rise
_FREE = 5  # events that may come in any epoch; the others are spread over the run


class Event(NamedTuple):
    """What happened up to the moment after `epochs` epochs, when the mean loss is `loss`.

    `lowest` says that it is the lowest so far, and of a new power of ten. It rose `rises` times, from `low` at least,
    to `top` at most; `is_up` where it did so last. `rate` is that of the next epoch; `rate_before` is the one that was
    told before, None where the rate has not halved since. `since` is the first epoch of what is told together.
    """

    epochs: int
    loss: float
    rate: float
    lowest: bool = False
    is_up: bool = False
    rises: int = 0
    low: float = math.inf
    top: float = 0.0
    rate_before: float | None = None
    since: int = 0


class RunEvents:
    """The events of a run of `config` that began with a mean loss of `loss`: `most` at most, more than 5.

    They are the same however the run is cut into the pieces that `hear` is given.
    """

    def __init__(self, config: RunConfig, loss: float, most: int) -> None:
        self._config = config
        self._schedule = SCHEDULES[config.schedule]
        self._most = most
        self._told = 0
        loss = math.inf if math.isnan(loss) else loss
        self._floor = ROUNDED * loss if math.isfinite(loss) else 0.0
        self._bound = _power_of_ten(loss)  # what a mean loss is below if it is of a new power of ten
        self._low = loss  # the lowest since the last event
        self._peak = math.inf  # where the last rise led
        self._rose = -NEAR  # the last epoch in which a rise was told
        self._rate = self._schedule.rate(config, 0)
        self._rate_due = self._next_rate_due()
        self._pending: Event | None = None

    def hear(self, epochs: Iterable[int], losses: Iterable[float]) -> list[Event]:
        """Goes on by whole epochs: how many were done after each of them, and the mean losses then."""
        told: list[Event] = []
        due = self._due()
        for epoch, loss in zip(epochs, losses, strict=True):
            if not (self._is_lowest(loss) or self._is_up(loss)) and epoch < due:
                self._low = min(self._low, loss)
            else:
                told += self._note(epoch, loss)
                due = self._due()
        return told

    @property
    def untold(self) -> list[Event]:
        """What is to be told, unless it goes on or something else has to be told first: one event at most."""
        return [] if self._pending is None or self._told >= self._most else [self._pending]

    def rest(self) -> list[Event]:
        """The same, where the run rests or ends; it is told then."""
        left, self._pending = self.untold, None
        self._told += len(left)
        return left

    def _is_lowest(self, loss: float) -> bool:
        return max(loss, self._floor) < self._bound

    def _is_up(self, loss: float) -> bool:
        return not loss <= RISE * max(self._low, self._floor)

    def _note(self, epoch: int, loss: float) -> list[Event]:
        loss = math.inf if math.isnan(loss) else loss
        lowest, up, rated = self._is_lowest(loss), self._is_up(loss), epoch >= self._rate_due
        before, told = self._pending, []
        if before is not None and epoch >= self._earliest(before):
            goes_on = (up and before.is_up) or (lowest and not before.is_up) or (rated and not (lowest or up))
            if not goes_on or epoch - before.since >= NEAR:
                told, self._pending = [before], None
                self._told += 1
                if before.rises:
                    self._rose = epoch
        if lowest or up or rated:
            self._pending = self._joined(epoch, loss, lowest, up, rated)
        if lowest:
            self._bound = _power_of_ten(loss)
        if up:
            self._peak = loss
        self._low = loss if up else min(self._low, loss)
        return told

    def _joined(self, epoch: int, loss: float, lowest: bool, up: bool, rated: bool) -> Event:
        """The event of an epoch, together with what is to be told before it."""
        event = self._pending or Event(epoch, loss, self._rate, since=epoch)
        if up:
            climbs = event.rises > 0 and self._low == self._peak
            event = event._replace(
                rises=event.rises + (not climbs),
                low=min(event.low, self._low),
                top=max(event.top, loss),
            )
        if rated or event.rate_before is not None:  # the rate of the epoch that is told, not of where it had halved
            before = self._rate if event.rate_before is None else event.rate_before
            self._rate = self._schedule.rate(self._config, epoch)
            self._rate_due = self._next_rate_due()
            event = event._replace(rate=self._rate, rate_before=before)
        return event._replace(epochs=epoch, loss=loss, lowest=lowest, is_up=up)

    def _due(self) -> float:
        """The epoch in which there is something to do, however the mean loss goes on."""
        return min(self._rate_due, math.inf if self._pending is None else self._earliest(self._pending))

    def _earliest(self, event: Event) -> float:
        """The first epoch in which an event may be told, as far as those before it are concerned."""
        spread = self._most - _FREE
        share = max(0, self._told + 1 - _FREE) / spread
        from_here_on = self._config.epochs**share if share <= 1 else math.inf
        return max(from_here_on, self._rose + NEAR) if event.rises else from_here_on

    def _next_rate_due(self) -> float:
        """After how many epochs the rate of the next one is half of what was told, or less."""
        config, half = self._config, self._rate / 2
        if config.schedule == "constant" or not half:
            return math.inf
        # No schedule goes up again.
        due = bisect_left(range(config.epochs), True, key=lambda epoch: self._schedule.rate(config, epoch) <= half)
        return due if due < config.epochs else math.inf


def _power_of_ten(loss: float) -> float:
    """The power of ten that is not above a mean loss; 0 where there is none."""
    if not 0 < loss < math.inf:
        return 0.0 if loss == 0 else loss
    power = math.floor(math.log10(loss))
    found = float(f"1e{power}")
    return found if found <= loss else float(f"1e{power - 1}")
