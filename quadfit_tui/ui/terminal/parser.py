"""The parser of what comes from the terminal: Textual's, but for Esc and a key that arrive together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from textual._xterm_parser import XTermParser
from textual.events import Key
from textual.message import Message

from quadfit_tui.ui.terminal.background import report_of

_ESC = "\x1b"
# What follows Esc in a sequence of the terminal's own (ECMA-48), in one for a word to the left, to the right or to be
# deleted (as Terminal.app sends them, after Emacs), and for shift+tab.
_OTHERS = "[O]P_^X" + "bf\x08\x7f" + "\t" + _ESC
# A string of the terminal (OSC), whole, and the begin of one at the end of what has arrived.
_STRING = re.compile(r"(\x1b\]\d+;[^\x00-\x1f]{0,200}(?:\x07|\x1b\\))")
_BEGUN = re.compile(r"\x1b\]\d+(?:;[^\x00-\x1f]{0,200}\x1b?)?\Z")


class Parser(XTermParser):
    """Reads Esc and a key where Textual reads the key together with alt.

    Over a slow line both come in one packet, as what Alt and a key send; here Esc has a meaning, and Alt has none.
    """

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._rest = ""  # of a string that has begun

    def feed(self, data: str) -> Iterator[Message]:
        text, self._rest = self._rest + data, ""
        if begun := _BEGUN.search(text):
            text, self._rest = text[: begun.start()], begun[0]
        for number, piece in enumerate(_STRING.split(text)):
            if number % 2:
                report = report_of(piece)
                yield from () if report is None else (report,)
            elif piece:
                yield from super().feed(piece)

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[Key]:
        key = sequence[1:]
        if alt:  # of what might have begun a sequence, nothing followed in time
            yield Key("escape", _ESC)
        elif len(key) == 1 and key not in _OTHERS:
            yield Key("escape", _ESC)
            sequence = key
        yield from super()._sequence_to_key_events(sequence)
