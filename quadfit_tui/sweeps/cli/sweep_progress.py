"""The progress of a sweep on standard error: lines before it starts, then a status line on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from quadfit_tui.cli.output.printing import NAME, print_error
from quadfit_tui.cli.status_line import StatusLine, duration
from quadfit_tui.core.text.language import _, full_stop, ngettext, paragraph

if TYPE_CHECKING:
    from quadfit_tui.sweeps.rows import ResultRows

_LONG = 2.0  # seconds; a longer sweep shows the status line before the first runs are done
STYLES = ("auto", "none")


def estimate_line(runs: int, done: int, seconds: float | None) -> str:
    """Formats the number of runs, how many of them are done, and about how many seconds the others take, if known."""
    count = ngettext("{n} run", "{n} runs", runs)
    if done:
        count = ngettext("{n} run, of which {done} are done", "{n} runs, of which {done} are done", runs, done=done)
    if runs == done:
        return full_stop(count)
    if seconds is None:
        return _("{runs}; how long they take is not known yet.").format(runs=count)
    return _("{runs}; about {time}.").format(runs=count, time=duration(seconds))


class SweepProgressLine:
    """A reporter of a sweep's progress on standard error, in one of STYLES; some of the `runs` may be `done` before."""

    def __init__(self, style: str, runs: int, done: ResultRows) -> None:
        self._tells, self._line = style == "auto", StatusLine(style == "auto")
        self._runs, self._before, self._done, self._failed = runs, len(done), len(done), len(done.errors)

    def begin(self, notes: Sequence[str], seconds: Callable[[], float | None]) -> None:
        """Prints the number of runs, the time that they will take, and the notes; called before training starts.

        `seconds` estimates the time, or returns None; it is called only if it is printed.
        """
        if not self._tells:
            return
        known = seconds() if self._done < self._runs else 0.0
        print_error(f"{NAME}: {estimate_line(self._runs, self._done, known)}")
        if notes:
            print_error(f"{NAME}: {paragraph(notes)}")
        if known is None or known > _LONG:
            self._line.show(self._text(0.0))

    def update(self, rows: ResultRows) -> None:
        """Updates the status line with the rows of a chunk, twice a second at most."""
        self._done += len(rows)
        self._failed += len(rows.errors)
        self._line.show_progress(self._text)

    def clear(self) -> None:
        """Erases the status line, before other lines are printed and at the end."""
        self._line.clear()

    def _text(self, seconds: float) -> str:
        """Formats the status line after so many seconds: runs done and failed, and the time that is left."""
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
