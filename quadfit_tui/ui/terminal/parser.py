"""The parser of what comes from the terminal: Textual's, but for Esc and a key that arrive together."""

from __future__ import annotations

from collections.abc import Iterable

from textual._xterm_parser import XTermParser
from textual.events import Key

_ESC = "\x1b"
# What follows Esc in a sequence of the terminal's own (ECMA-48), in one for a word to the left, to the right or to be
# deleted (as Terminal.app sends them, after Emacs), and for shift+tab.
_OTHERS = "[O]P_^X" + "bf\x08\x7f" + "\t" + _ESC


class Parser(XTermParser):
    """Reads Esc and a key where Textual reads the key together with alt.

    Over a slow line both come in one packet, as what Alt and a key send; here Esc has a meaning, and Alt has none.
    """

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[Key]:
        key = sequence[1:]
        if alt:  # of what might have begun a sequence, nothing followed in time
            yield Key("escape", _ESC)
        elif len(key) == 1 and key not in _OTHERS:
            yield Key("escape", _ESC)
            sequence = key
        yield from super()._sequence_to_key_events(sequence)
