"""The parser of what comes from the terminal: Textual's, but for Esc and a key that arrive together."""

from __future__ import annotations

from collections.abc import Iterable

from textual._xterm_parser import XTermParser
from textual.events import Key

_ESC = "\x1b"
_BEGINS = "[O]P_^X"  # what follows Esc in a sequence of the terminal's own (ECMA-48)
_WORDS = "bf"  # Terminal.app sends these for a word to the left and to the right, as Emacs has them


class Parser(XTermParser):
    """Reads Esc and a key where Textual reads the key together with alt.

    Over a slow line both come in one packet, as what Alt and a key send; here Esc has a meaning, and Alt has none.
    """

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[Key]:
        key = sequence[1:]
        if len(key) == 1 and (key.isprintable() or key == "\r") and key not in _BEGINS + _WORDS:
            yield Key("escape", _ESC)
            sequence = key
        yield from super()._sequence_to_key_events(sequence, alt)
