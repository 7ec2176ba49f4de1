"""What a terminal can do: the characters and colors that it shows, and what it understands beside them."""

from __future__ import annotations

import codecs
import os
from collections.abc import Mapping
from typing import NamedTuple

from quadfit_tui.core.text.ascii import ascii_of, narrow_of

# Terminals that take a mode or a question which they do not know for text; most of them have no such characters either.
_PLAIN = ("linux", "vt", "ansi", "cons25", "sun", "xterm-old", "unknown")
_EMACS = "eterm"  # its ansi-term: counts columns of a relative move in another way, and takes questions for text
# Columns and rows that are drawn, and cells in all: a window may say that it has 65535 of both. The largest screens
# have some hundred thousand cells in the smallest type; a new size of so many takes half a second.
_MOST_COLUMNS, _MOST_ROWS, _MOST_CELLS = 1000, 300, 100_000
_COLORLESS = ("vt", "ansi-m", "sun", "unknown")
# Terminals that show all colors, by what they call themselves: over ssh COLORTERM is mostly left behind, TERM is not.
# tmux turns those that its own terminals do not have into others, each by itself (hence its COLORTERM, since 3.6).
_TRUE = ("alacritty", "foot", "ghostty", "kitty", "konsole", "tmux", "wezterm", "xterm-ghostty", "xterm-kitty")
# And by what they leave behind where TERM is xterm's, which shows all colors, too, if it was started from one of them.
_TRUE_XTERMS = ("ALACRITTY_WINDOW_ID", "GHOSTTY_RESOURCES_DIR", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "WEZTERM_PANE")


class Capabilities(NamedTuple):
    """What may be sent to a terminal.

    `ascii`: no other characters. `colors`: the name of a color system of Rich's, none where it is empty. `extras`:
    also a mouse, pasted text in brackets, reports of focus, and questions about what it can do. `erases`: what is
    erased takes the background of the moment. `relative`: the cursor can be moved relative to where it is. `narrow`:
    no characters whose width is ambiguous, which it takes for two columns.
    """

    ascii: bool = False
    colors: str = "truecolor"
    extras: bool = True
    erases: bool = True
    relative: bool = True
    narrow: bool = False

    @property
    def has_frames(self) -> bool:
        """Whether it has all characters, those of frames among them; else a text is to be spelled."""
        return not (self.ascii or self.narrow)

    def transliterate(self, text: str) -> str:
        """A text in words that it can show."""
        return ascii_of(text) if self.ascii else narrow_of(text) if self.narrow else text

    @property
    def signs(self) -> bool:
        """Whether lines are to be told apart by the signs that they are drawn in."""
        return self.ascii or not self.colors

    @property
    def halves(self) -> int:
        """In how many halves of a cell a ground can be painted: in none where the colors are the terminal's own; where
        ▀ takes two columns, the whole cell has one color."""
        return 0 if self.ascii or self.colors not in ("256", "truecolor") else 1 if self.narrow else 2


def capabilities_of(environ: Mapping[str, str], encoding: str | None, ascii: bool = False) -> Capabilities:
    """The Capabilities of the terminal that TERM names, whose output is in `encoding`; with `ascii` only ASCII."""
    term = environ.get("TERM", "").lower() or "unknown"
    plain = term.startswith(_PLAIN)
    shown = carries_all(environ, encoding)
    emacs = term.startswith(_EMACS)
    erases = not plain and not emacs and not term.startswith("screen")
    return Capabilities(ascii or plain or not shown, _colors(environ, term), not plain and not emacs, erases, not emacs)


def is_dumb(environ: Mapping[str, str]) -> bool:
    """Whether the terminal cannot put text where it is wanted."""
    return environ.get("TERM", "").lower() == "dumb"


def window_size(fd: int, environ: Mapping[str, str]) -> tuple[int, int]:
    """Columns and rows of the terminal at `fd`: the real ones or, where it does not know them, the exported ones.

    At most as many as are drawn: what is beyond stays blank.
    """
    try:
        columns, rows = os.get_terminal_size(fd)
    except OSError:
        columns = rows = 0
    if columns > 0 and rows > 0:
        columns = min(columns, _MOST_COLUMNS)
        return columns, min(rows, _MOST_ROWS, _MOST_CELLS // columns)
    told = [environ.get(name, "") for name in ("COLUMNS", "LINES")]
    exported = [
        int(text) if text.isascii() and text.isdecimal() and 0 < int(text) <= most else 0
        for text, most in zip(told, (_MOST_COLUMNS, _MOST_ROWS), strict=True)
    ]
    columns = exported[0] or 80
    return columns, min(exported[1] or 24, _MOST_CELLS // columns)


def carries_all(environ: Mapping[str, str], encoding: str | None) -> bool:
    """Whether all characters get through, by the encoding of what is written and that of the locale."""
    return _carries(encoding) and _carries(_told_encoding(environ) or encoding)


def _carries(encoding: str | None) -> bool:
    """Whether it is UTF-8, which is what is sent: others that have the characters write them with other bytes."""
    try:
        return codecs.lookup(encoding or "ascii").name == "utf-8"
    except (LookupError, ValueError):
        return False


def _told_encoding(environ: Mapping[str, str]) -> str:
    """The one that the locale names, which came along from the user's own machine, and may not be known on this one."""
    locale = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    return locale.partition(".")[2].partition("@")[0]


def _colors(environ: Mapping[str, str], term: str) -> str:
    if environ.get("NO_COLOR") or term.startswith(_COLORLESS):  # no-color.org: not empty
        return ""
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or _is_true(environ, term):
        return "truecolor"
    return "256" if term.endswith("256color") else "standard"


def _is_true(environ: Mapping[str, str], term: str) -> bool:
    if term.startswith("xterm") and any(environ.get(name) for name in _TRUE_XTERMS):
        return True
    # tmux calls itself screen, too, and screen (STY), which takes such a color for several others, may be run in it.
    is_tmux = term.startswith("screen") and environ.get("TMUX") and not environ.get("STY")
    return bool(is_tmux) or term.startswith(_TRUE) or term.endswith(("-direct", "-truecolor"))
