"""How far a sweep is: lines before it on standard error, then one on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from quadfit_tui.cli.output import NAME, print_error
from quadfit_tui.cli.status_line import StatusLine, duration
from quadfit_tui.core.text.language import _, full_stop, ngettext, paragraph

if TYPE_CHECKING:
    from quadfit_tui.sweeps.rows import ResultRows

_LONG = 2.0  # seconds, from which on something is to be seen before the first runs are done
STYLES = ("auto", "none")


def expected(runs: int, done: int, seconds: float | None) -> str:
    """How many runs there are, of which some are done, and about how long the others take; None is not known."""
    told = ngettext("{n} run", "{n} runs", runs)
    if done:
        told = ngettext("{n} run, of which {done} are done", "{n} runs, of which {done} are done", runs, done=done)
    if runs == done:
        return full_stop(told)
    if seconds is None:
        return _("{runs}; how long they take is not known yet.").format(runs=told)
    return _("{runs}; about {time}.").format(runs=told, time=duration(seconds))


class SweepProgressLine:
    """Tells how far a sweep is of so many `runs`, of which some are `done`: in one of STYLES."""

    def __init__(self, style: str, runs: int, done: ResultRows) -> None:
        self._tells, self._line = style == "auto", StatusLine(style == "auto")
        self._runs, self._before, self._done, self._failed = runs, len(done), len(done), len(done.errors)

    def begin(self, notes: Sequence[str], seconds: Callable[[], float | None]) -> None:
        """Tells what is to be done, in about how many `seconds`, and what is to be known of it."""
        if not self._tells:
            return
        known = seconds() if self._done < self._runs else 0.0
        print_error(f"{NAME}: {expected(self._runs, self._done, known)}")
        if notes:
            print_error(f"{NAME}: {paragraph(notes)}")
        if known is None or known > _LONG:
            self._line.show(self._text(0.0))

    def update(self, rows: ResultRows) -> None:
        """Tells, now and then, how far it is with some more rows."""
        self._done += len(rows)
        self._failed += len(rows.errors)
        self._line.tell_of(self._text)

    def clear(self) -> None:
        """Takes the line away."""
        self._line.clear()

    def _text(self, seconds: float) -> str:
        done = ngettext(
            "{done} of {n} run done, {failed} failed",
            "{done} of {n} runs done, {failed} failed",
            self._runs,
            done=self._done,
            failed=self._failed,
        )
        if self._done == self._before:
            return done
        left = seconds * (self._runs - self._done) / (self._done - self._before)
        return _("{done}; about {time} left").format(done=done, time=duration(left))
