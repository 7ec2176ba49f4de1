"""StatusLine: the progress of long work, in one line of the terminal that is overwritten."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Callable
from typing import IO, TYPE_CHECKING

from quadfit_tui.core.text.language import _, ngettext, ngettext_noop
from quadfit_tui.core.text.numbers import format_short
from quadfit_tui.core.text.width import cell_width, cut

if TYPE_CHECKING:
    from quadfit_tui.core.export.recorder import WriteLines
    from quadfit_tui.core.session.snapshot import Snapshot

_ECHO = "^C"  # the terminal itself writes this after the line on ctrl+c
SILENCE = 0.5  # seconds of work before the first line, and between two lines
_BEFORE_THE_FIRST = ngettext_noop(
    "0 of {n} epoch done; mean loss {mean_loss}", "0 of {n} epochs done; mean loss {mean_loss}"
)
_SO_FAR = ngettext_noop(
    "{done} of {n} epoch done; mean loss {mean_loss}; at most {left} left",
    "{done} of {n} epochs done; mean loss {mean_loss}; at most {left} left",
)


class StatusLine:
    """A line of progress that overwrites the one before; shown only if `wanted` and standard error is a terminal."""

    def __init__(self, wanted: bool = True) -> None:
        self.is_seen = wanted and sys.stderr is not None and sys.stderr.isatty()
        self._shown = ""
        self._begun = time.monotonic()
        self._due = self._begun + SILENCE

    def show(self, text: str) -> None:
        """Overwrites the line with a text, cut to the terminal's width."""
        if self.is_seen:
            width = os.get_terminal_size(sys.stderr.fileno()).columns or 80
            text = cut(text, width - 1 - len(_ECHO))
            self._print(text + " " * max(0, cell_width(self._shown) - cell_width(text)))
            self._shown = text

    def clear(self) -> None:
        """Erases the line, so that output can be printed in its place; shows none again before SILENCE has passed."""
        if self._shown:
            self._print(" " * (cell_width(self._shown) + len(_ECHO)) + "\r")
            self._shown = ""
        self._due = time.monotonic() + SILENCE

    def before(self, put: WriteLines) -> WriteLines:
        """Wraps a function that prints lines to the same terminal: the status line is erased first."""

        def clear_and_put(lines: list[str]) -> None:
            if lines:
                self.clear()
                put(lines)

        return clear_and_put

    def update(self, snapshot: Snapshot) -> None:
        """Shows a run's progress, at most every SILENCE; called after each slice of training."""
        if not snapshot.status.ended:
            self.show_progress(lambda seconds: _progress(snapshot, seconds))

    def show_progress(self, text: Callable[[float], str]) -> None:
        """Shows what `text` returns for the seconds since the line was made, at most every SILENCE."""
        now = time.monotonic()
        if self.is_seen and now >= self._due:
            self._due = now + SILENCE
            self.show(text(now - self._begun))

    @staticmethod
    def _print(text: str) -> None:
        print(f"\r{text}", end="", file=sys.stderr, flush=True)


def is_pipe(stream: IO[str] | None) -> bool:
    """Whether a stream is a pipe: its reader may print to the terminal, which a status line would disturb."""
    try:
        return stream is not None and stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):  # a stream within the program
        return False


def _progress(snapshot: Snapshot, seconds: float) -> str:
    """Formats a run's progress after some seconds: epochs done, mean loss, and the time that is left at most."""
    done, epochs, mean_loss = snapshot.epoch, snapshot.config.epochs, format_short(snapshot.mean_loss)
    if not done:
        return ngettext(*_BEFORE_THE_FIRST, epochs, mean_loss=mean_loss)
    return ngettext(*_SO_FAR, epochs, done=done, mean_loss=mean_loss, left=duration(seconds * (epochs - done) / done))


def duration(seconds: float) -> str:
    """Formats seconds in a rough unit: `5 s`, `12 min`, `3 h`."""
    if seconds >= 2 * 3600:
        return _("{n} h").format(n=f"{seconds / 3600:.0f}")
    if seconds >= 2 * 60:
        return _("{n} min").format(n=f"{seconds / 60:.0f}")
    return _("{n} s").format(n=f"{max(1.0, seconds):.0f}")
