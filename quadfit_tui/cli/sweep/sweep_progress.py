"""How far a sweep is: lines before it on standard error, then a line on a terminal or JSON lines for programs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from quadfit_tui.cli.output import NAME, complain
from quadfit_tui.cli.status_line import SILENCE, StatusLine, duration
from quadfit_tui.core.text.language import _, counted_as, full_stop, in_english, paragraph

if TYPE_CHECKING:
    from quadfit_tui.core.sweep.rows import Rows
    from quadfit_tui.core.sweep.space import Space

_LONG = 2.0  # seconds, from which on something is to be seen before the first runs are done
STYLES = ("auto", "jsonl", "none")


def expected(runs: int, done: int, seconds: float | None) -> str:
    """How many runs there are, of which some are done, and about how long the others take; None is not known."""
    told = counted_as("{n} run", "{n} runs", runs)
    if done:
        told = counted_as("{n} run, of which {done} are done", "{n} runs, of which {done} are done", runs, done=done)
    if runs == done:
        return full_stop(told)
    if seconds is None:
        return _("{runs}; how long they take is not known yet.").format(runs=told)
    return _("{runs}; about {time}.").format(runs=told, time=duration(seconds))


class Progress:
    """Tells how far a sweep is of so many `runs`, of which some are `done`: in one of STYLES."""

    def __init__(self, style: str, runs: int, done: Rows) -> None:
        self._style, self._line = style, StatusLine(style == "auto")
        self._runs, self._before, self._done, self._failed = runs, len(done), len(done), len(done.errors)
        self._begun = self._told = time.monotonic()

    def begin(self, space: Space, seconds: Callable[[], float | None]) -> None:
        """Tells what is to be done, in about how many `seconds`, and what is to be known of it."""
        if self._style == "none":
            return
        known = seconds() if self._done < self._runs else 0.0
        if self._style == "jsonl":
            with in_english():  # programs read it; what a space says, it says as it is made
                self._tell({"left_out": [*type(space)(space.base, space.axes).left_out]}, known)
        else:
            complain(f"{NAME}: {expected(self._runs, self._done, known)}")
            if space.notes:
                complain(f"{NAME}: {paragraph(space.notes)}")
            if known is None or known > _LONG:
                self._line.show(self._text(0.0))
        self._begun = self._told = time.monotonic()

    def tell(self, rows: Rows) -> None:
        """Tells, now and then, how far it is with some more rows."""
        self._done += len(rows)
        self._failed += len(rows.errors)
        now = time.monotonic()
        if self._style == "jsonl" and (now >= self._told + SILENCE or self._done == self._runs):
            self._told = now
            rate, left = self._pace(now - self._begun)
            self._tell({"runs_per_second": round(rate, 3)}, left)
        self._line.tell_of(self._text)

    def _tell(self, more: dict[str, object], seconds: float | None) -> None:
        import json  # most commands need none

        left = None if seconds is None else round(seconds, 3)
        known = {"runs": self._runs, "done": self._done, "failed": self._failed, "seconds_left": left}
        complain(json.dumps(known | more))

    def clear(self) -> None:
        """Takes the line away."""
        self._line.clear()

    def _text(self, seconds: float) -> str:
        done = counted_as(
            "{done} of {n} run done, {failed} failed",
            "{done} of {n} runs done, {failed} failed",
            self._runs,
            done=self._done,
            failed=self._failed,
        )
        if self._done == self._before:
            return done
        rate, left = self._pace(seconds)
        told = _("{done}; {rate} runs/s; about {time} left")
        return told.format(done=done, rate=f"{rate:.3g}", time=duration(left))

    def _pace(self, seconds: float) -> tuple[float, float]:
        """Runs a second since it began, and the seconds that the others take by that."""
        rate = (self._done - self._before) / max(seconds, 1e-6)
        return rate, (self._runs - self._done) / rate if rate else 0.0
