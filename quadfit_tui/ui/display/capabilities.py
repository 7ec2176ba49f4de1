"""The capabilities of a terminal: the characters and colors that it shows, and the sequences that it understands."""

from __future__ import annotations

import codecs
import os
from collections.abc import Mapping
from typing import NamedTuple

from quadfit_tui.core.text.ascii import ascii_of, narrow_of

# Terminals that print modes and questions that they do not know as text. Most of them lack frames and braille, too.
_PLAIN = ("linux", "vt", "ansi", "cons25", "sun", "xterm-old", "unknown")
_EMACS = "eterm"  # Emacs' ansi-term counts columns of relative moves in another way, and prints questions as text
# The largest screen that is drawn: a window may claim to have 65535 columns and rows. The largest real screens have
# some hundred thousand cells in the smallest type; drawing so many for a new size takes half a second.
_MOST_COLUMNS, _MOST_ROWS, _MOST_CELLS = 1000, 300, 100_000
_COLORLESS = ("vt", "ansi-m", "sun", "unknown")
# Terminals with all colors, by their TERM: ssh mostly drops COLORTERM, but passes TERM on. tmux replaces colors that
# its own terminals lack (and sets COLORTERM itself, since 3.6).
_TRUE = ("alacritty", "foot", "ghostty", "kitty", "konsole", "tmux", "wezterm", "xterm-ghostty", "xterm-kitty")
# Variables of terminals with all colors whose TERM is xterm's. An xterm started from one of them has all colors, too.
_TRUE_XTERMS = ("ALACRITTY_WINDOW_ID", "GHOSTTY_RESOURCES_DIR", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "WEZTERM_PANE")


class Capabilities(NamedTuple):
    """The capabilities of a terminal, which decide what may be sent to it.

    `ascii`: it gets only ASCII characters. `colors`: the name of its color system in Rich, empty for none. `extras`: it
    knows a mouse, bracketed paste, reports of focus, and questions about its capabilities. `erases`: erased cells get
    the present background. `relative`: its cursor can be moved relative to its position. `narrow`: it gets no
    characters of ambiguous width, because it shows them in two columns.
    """

    ascii: bool = False
    colors: str = "truecolor"
    extras: bool = True
    erases: bool = True
    relative: bool = True
    narrow: bool = False

    @property
    def has_frames(self) -> bool:
        """Whether it shows all characters, those of frames among them; else texts must be transliterated."""
        return not (self.ascii or self.narrow)

    def transliterate(self, text: str) -> str:
        """Transliterates a text to characters that the terminal can show."""
        if self.ascii:
            return ascii_of(text)
        return narrow_of(text) if self.narrow else text

    @property
    def signs(self) -> bool:
        """Whether charts draw lines in different signs, because there are no colors to distinguish them."""
        return self.ascii or not self.colors

    @property
    def halves(self) -> int:
        """How many halves of a cell can have a ground color of their own: 0 means that no ground can be painted.

        None can with the 16 colors that users choose themselves. It is 1 if ▀ would take two columns.
        """
        if self.ascii or self.colors not in ("256", "truecolor"):
            return 0
        return 1 if self.narrow else 2


def capabilities_of(environ: Mapping[str, str], encoding: str | None, ascii: bool = False) -> Capabilities:
    """Determines the capabilities of the terminal from the environment and the encoding of its output.

    `encoding` is None if unknown. `ascii`: the user has asked for ASCII only.
    """
    term = environ.get("TERM", "").lower() or "unknown"
    is_plain = term.startswith(_PLAIN)
    is_emacs = term.startswith(_EMACS)
    return Capabilities(
        ascii=ascii or is_plain or not carries_all(environ, encoding),
        colors=_colors(environ, term),
        extras=not is_plain and not is_emacs,
        erases=not is_plain and not is_emacs and not term.startswith("screen"),
        relative=not is_emacs,
    )


def is_dumb(environ: Mapping[str, str]) -> bool:
    """Checks whether the terminal, by its TERM, cannot move its cursor, so that the app cannot run in it."""
    return environ.get("TERM", "").lower() == "dumb"


def window_size(fd: int, environ: Mapping[str, str]) -> tuple[int, int]:
    """Returns columns and rows of the terminal at `fd`, or those of COLUMNS and LINES if it does not know its size.

    These are at most as many as are drawn; what is beyond stays blank.
    """
    try:
        columns, rows = os.get_terminal_size(fd)
    except OSError:
        columns = rows = 0
    if columns > 0 and rows > 0:
        columns = min(columns, _MOST_COLUMNS)
        return columns, min(rows, _MOST_ROWS, _MOST_CELLS // columns)
    columns = _parse_size(environ.get("COLUMNS", ""), _MOST_COLUMNS) or 80
    rows = _parse_size(environ.get("LINES", ""), _MOST_ROWS) or 24
    return columns, min(rows, _MOST_CELLS // columns)


def _parse_size(text: str, most: int) -> int:
    """Parses a number of columns or rows; returns 0 if it is no number from 1 to `most`."""
    if text.isascii() and text.isdecimal() and 0 < int(text) <= most:
        return int(text)
    return 0


def carries_all(environ: Mapping[str, str], encoding: str | None) -> bool:
    """Checks whether all characters reach the terminal, by the encoding of the output and that of the locale."""
    return _is_utf8(encoding) and _is_utf8(_locale_encoding(environ) or encoding)


def _is_utf8(encoding: str | None) -> bool:
    """Checks whether an encoding is UTF-8, the only one that is sent."""
    try:
        return codecs.lookup(encoding or "ascii").name == "utf-8"
    except (LookupError, ValueError):
        return False


def _locale_encoding(environ: Mapping[str, str]) -> str:
    """Returns the encoding that the locale names, or "". Over ssh it is that of the user's own machine."""
    locale = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    return locale.partition(".")[2].partition("@")[0]


def _colors(environ: Mapping[str, str], term: str) -> str:
    """Returns the name of the terminal's color system in Rich, "" for none."""
    if environ.get("NO_COLOR") or term.startswith(_COLORLESS):  # an empty NO_COLOR does not count (no-color.org)
        return ""
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or _has_truecolor(environ, term):
        return "truecolor"
    return "256" if term.endswith("256color") else "standard"


def _has_truecolor(environ: Mapping[str, str], term: str) -> bool:
    """Checks whether the terminal shows all colors, though COLORTERM does not say so."""
    if term.startswith("xterm") and any(environ.get(name) for name in _TRUE_XTERMS):
        return True
    # tmux may set TERM to screen, too. A real screen (STY), perhaps within tmux, misreads such color sequences.
    is_tmux = term.startswith("screen") and environ.get("TMUX") and not environ.get("STY")
    return bool(is_tmux) or term.startswith(_TRUE) or term.endswith(("-direct", "-truecolor"))
