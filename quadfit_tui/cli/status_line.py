"""StatusLine: tells on the terminal, while nothing else is to be seen, how far something is that takes long."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Callable
from typing import IO, TYPE_CHECKING

from quadfit_tui.core.text.language import _, ngettext, ngettext_noop
from quadfit_tui.core.text.numbers import short
from quadfit_tui.core.text.width import cell_width, cut

if TYPE_CHECKING:
    from quadfit_tui.core.export.recorder import WriteLines
    from quadfit_tui.core.session.snapshot import Snapshot

_ECHO = "^C"  # what the terminal itself writes behind the line on ctrl+c
SILENCE = 0.5  # seconds after which it is told how far it is
_BEFORE_THE_FIRST = ngettext_noop(
    "0 of {n} epoch done; mean loss {mean_loss}", "0 of {n} epochs done; mean loss {mean_loss}"
)
_SO_FAR = ngettext_noop(
    "{done} of {n} epoch done; mean loss {mean_loss}; at most {left} left",
    "{done} of {n} epochs done; mean loss {mean_loss}; at most {left} left",
)


class StatusLine:
    """A line of standard error that takes the place of the one before, where that is a terminal and it is `wanted`."""

    def __init__(self, wanted: bool = True) -> None:
        self.is_seen = wanted and sys.stderr is not None and sys.stderr.isatty()
        self._shown = ""
        self._begun = time.monotonic()
        self._due = self._begun + SILENCE

    def show(self, text: str) -> None:
        """Puts a text in the place of the one before."""
        if self.is_seen:
            width = os.get_terminal_size(sys.stderr.fileno()).columns or 80
            text = cut(text, width - 1 - len(_ECHO))
            self._print(text + " " * max(0, cell_width(self._shown) - cell_width(text)))
            self._shown = text

    def clear(self) -> None:
        """Takes it away, so that a line of output can stand in its place."""
        if self._shown:
            self._print(" " * (cell_width(self._shown) + len(_ECHO)) + "\r")
            self._shown = ""
        self._due = time.monotonic() + SILENCE

    def before(self, put: WriteLines) -> WriteLines:
        """What writes lines to the same terminal: this one is taken away before."""

        def put_in_place(lines: list[str]) -> None:
            if lines:
                self.clear()
                put(lines)

        return put_in_place

    def update(self, snapshot: Snapshot) -> None:
        """Tells how far a run is, whose training began with this line: now and then, once it takes long."""
        if not snapshot.status.ended:
            self.tell_of(lambda seconds: _progress(snapshot, seconds))

    def tell_of(self, text: Callable[[float], str]) -> None:
        """Shows the text of how many seconds have gone by since it began: now and then, once it takes long."""
        now = time.monotonic()
        if self.is_seen and now >= self._due:
            self._due = now + SILENCE
            self.show(text(now - self._begun))

    @staticmethod
    def _print(text: str) -> None:
        print(f"\r{text}", end="", file=sys.stderr, flush=True)


def is_pipe(stream: IO[str] | None) -> bool:
    """Whether another program reads a stream: it may write to the terminal on which the status line stands."""
    try:
        return stream is not None and stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):  # a stream within the program
        return False


def _progress(snapshot: Snapshot, seconds: float) -> str:
    done, epochs, mean_loss = snapshot.epoch, snapshot.config.epochs, short(snapshot.mean_loss)
    if not done:
        return ngettext(*_BEFORE_THE_FIRST, epochs, mean_loss=mean_loss)
    return ngettext(*_SO_FAR, epochs, done=done, mean_loss=mean_loss, left=duration(seconds * (epochs - done) / done))


def duration(seconds: float) -> str:
    """So many seconds in two or three characters and a unit."""
    if seconds >= 2 * 3600:
        return _("{n} h").format(n=f"{seconds / 3600:.0f}")
    if seconds >= 2 * 60:
        return _("{n} min").format(n=f"{seconds / 60:.0f}")
    return _("{n} s").format(n=f"{max(1.0, seconds):.0f}")
