"""Escape sequences that switch a terminal to the modes of the app, and back to how it was."""

from __future__ import annotations

from typing import NamedTuple

from textual import constants

HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
_ENTER = f"\x1b[?1049h{HIDE_CURSOR}\x1b[?7l"  # another screen, no cursor, no line wrap
_LEAVE = f"\x1b[m\x1b[?7h\x1b[?1049l{SHOW_CURSOR}"
# Many have one screen only, as GNU screen by default: there the shell is to go on at the top of an empty one.
_CLEAR = "\x1b[m\x1b[H\x1b[J"
_MOUSE = ("1000", "1003", "1015", "1006")  # clicks, motion, and two ways to tell of columns beyond 223
# Around what is pasted; when the window of the terminal is in use; when it turns dark or light.
_REPORTS = ("2004", "1004", "2031")
# The keyboard protocol of kitty (1: keys that send the same are told apart): begin, set again, end. With more
# of it, letters are sent as codes, and who is cut off from the program cannot even type `reset`.
_KITTY = ("\x1b[>1u", "\x1b[=1u", "\x1b[<u")
_KEYS_BEGIN, _KEYS_AGAIN, _KEYS_END = ("",) * 3 if constants.DISABLE_KITTY_KEY else _KITTY
CAN_SYNC = "\x1b[?2026$p"  # the question whether it draws frames in one go
_SYNC, _SYNCED = "\x1b[?2026h", "\x1b[?2026l"  # around such a frame


class Modes(NamedTuple):
    """The modes of a terminal. `extras`: it understands more than the plainest; `mouse`: it is to report the mouse.

    `syncs`: it draws frames in one go, and shows nothing after a frame that was cut until it is told that this is over.
    """

    extras: bool
    mouse: bool
    syncs: bool = False

    def framed(self, frame: str) -> str:
        """Returns a frame that is drawn in one go, where the terminal does that."""
        return f"{_SYNC}{frame}{_SYNCED}" if self.syncs else frame

    def enter(self, first: str = "", last: str = "") -> str:
        """Switches all on. Questions that the extras bring may be asked `first`, before it can report anything, and
        `last`."""
        return _ENTER + (first + self._switched("h") + _KEYS_BEGIN + last if self.extras else "")

    def enter_again(self, first: str = "") -> str:
        """Switches all on where it may be on, since somebody else may have switched it off."""
        return self._uncut + _ENTER + (first + self._switched("h") + _KEYS_AGAIN if self.extras else "")

    def leave(self, question: str = "") -> str:
        """Gives everything back; with a question, as soon as the terminal reports nothing more by itself."""
        switched = self._switched("l") + _KEYS_END if self.extras else ""
        return self._uncut + switched + question + _CLEAR + _LEAVE

    @property
    def _uncut(self) -> str:
        """The end of a frame, of which the terminal may have only the begin."""
        return _SYNCED if self.syncs else ""

    def _switched(self, how: str) -> str:
        numbers = (*_MOUSE, *_REPORTS) if self.mouse else _REPORTS
        return "".join(f"\x1b[?{number}{how}" for number in numbers)
