"""Escape sequences that switch a terminal to the modes of the app, and back to its former state."""

from __future__ import annotations

from typing import NamedTuple

from textual import constants

HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
_ENTER = f"\x1b[?1049h{HIDE_CURSOR}\x1b[?7l"  # another screen, no cursor, no line wrap
_LEAVE = f"\x1b[m\x1b[?7h\x1b[?1049l{SHOW_CURSOR}"
# Many terminals have one screen only, as GNU screen by default: there the shell resumes at the top of an empty one.
_CLEAR = "\x1b[m\x1b[H\x1b[J"
_MOUSE = ("1000", "1003", "1015", "1006")  # clicks, motion, and two ways to report columns beyond 223
# Reports: brackets around pasted text; focus of the terminal's window; a turn to dark or light.
_REPORTS = ("2004", "1004", "2031")
# The keyboard protocol of kitty (1: keys that send the same are told apart): begin, set again, end. With more of it,
# letters are sent as codes, and a user who loses the connection to the program cannot even type `reset`.
_KITTY = ("\x1b[>1u", "\x1b[=1u", "\x1b[<u")
_KEYS_BEGIN, _KEYS_AGAIN, _KEYS_END = ("",) * 3 if constants.DISABLE_KITTY_KEY else _KITTY
CAN_SYNC = "\x1b[?2026$p"  # asks whether the terminal draws frames in one go (synchronized output)
_SYNC, _SYNCED = "\x1b[?2026h", "\x1b[?2026l"  # around such a frame


class Modes(NamedTuple):
    """The modes of a terminal. `extras`: it understands more than the plainest; `mouse`: it must report the mouse.

    `syncs`: it draws frames in one go; after a frame that was cut off it shows nothing until it gets the frame's end.
    """

    extras: bool
    mouse: bool
    syncs: bool = False

    def framed(self, frame: str) -> str:
        """Returns a frame within the marks of synchronized output, if the terminal has that; else unchanged."""
        return f"{_SYNC}{frame}{_SYNCED}" if self.syncs else frame

    def enter(self, first: str = "", last: str = "") -> str:
        """Returns the sequences that switch all modes on.

        With `extras`, the question `first` comes before any mode by which the terminal reports something, and `last`
        behind all of them.
        """
        return _ENTER + (first + self._switched("h") + _KEYS_BEGIN + last if self.extras else "")

    def enter_again(self, first: str = "") -> str:
        """Returns the sequences that switch all modes on again, if another program may have switched some off."""
        return self._uncut + _ENTER + (first + self._switched("h") + _KEYS_AGAIN if self.extras else "")

    def leave(self, question: str = "") -> str:
        """Returns the sequences that restore the terminal; `question` comes after those that end its own reports."""
        switched = self._switched("l") + _KEYS_END if self.extras else ""
        return self._uncut + switched + question + _CLEAR + _LEAVE

    @property
    def _uncut(self) -> str:
        """The end mark of a frame, in case the terminal has received only the begin of one."""
        return _SYNCED if self.syncs else ""

    def _switched(self, how: str) -> str:
        """Returns the sequences that switch the reports on ("h") or off ("l")."""
        numbers = (*_MOUSE, *_REPORTS) if self.mouse else _REPORTS
        return "".join(f"\x1b[?{number}{how}" for number in numbers)
