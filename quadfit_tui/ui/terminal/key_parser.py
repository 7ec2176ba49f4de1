"""The parser of the terminal's input: keys, the mouse, pasted text, answers. It drops what it cannot parse."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from textual import constants, events
from textual.keys import Keys
from textual.message import Message
from textual.messages import TerminalSupportsSynchronizedOutput

from quadfit_tui.core.text.quoting import normalized
from quadfit_tui.ui.terminal.background import report_of
from quadfit_tui.ui.toolkit.textual_internals import KeyTables

_ESC = "\x1b"
_PASTE_BEGIN, _PASTE_END = "\x1b[200~", "\x1b[201~"  # around pasted text (xterm's ctlseqs, "Bracketed Paste Mode")
_FOCUS_IN, _FOCUS_OUT = "\x1b[I", "\x1b[O"
# Sequences of a terminal (ECMA-48, 5.4 and 5.6): a function key of the Linux console; the mouse in its oldest form; a
# control sequence, of which no terminal sends one that ends in a square bracket; SS3; strings (OSC, DCS, SOS, PM, APC).
_WHOLE = re.compile(
    r"\x1b(?:\[\[[A-E]|\[M[^\x1b]{3}|\[(?!M)[ -?]*[@-Z\\^-~]|O[0-9;]*[@-~]"
    r"|(?:\][0-9]+;|[PX^_])[^\x00-\x1f\x7f\x9c]*(?:\x07|\x1b\\|\x9c))"
)
_BEGUN = re.compile(
    r"\x1b(?:\[(?:\[|M[^\x1b]{0,2}|[ -?]*)|O[0-9;]*"
    r"|(?:\](?:[0-9]+(?:;[^\x00-\x1f\x7f\x9c]*\x1b?)?)?|[PX^_][^\x00-\x1f\x7f\x9c]*\x1b?))?"
)
_LONGEST = 256  # maximum length of a sequence, in characters; a longer one is dropped
_TYPED = 3  # maximum characters that a user may have typed, Esc and two more; a terminal sends longer sequences
_LATE = 1.0  # seconds after which the rest of a sequence counts as lost
_STALLED = 10.0  # the same for pasted text: packets may be late, and the rest would be taken for keys
_MOST_PASTED = 4096  # maximum length of pasted text, in characters: no field takes as many
# If the terminal puts no brackets around pasted text, the parser takes for pasted what comes in one read and has more
# than 300 printable characters, of at least 10 kinds: nobody types so fast, and a key that is held down is one kind.
# Its only control characters are tabs and ends of lines.
_TEXT = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+")
_MOST_TYPED, _KINDS = 300, 10
# The characters that follow Esc in the keys for a word to the left, to the right or to delete (as Terminal.app sends
# them, after Emacs), and in shift+tab. Esc and any other key were typed as two: the app uses Esc, but not Alt.
_WORDS = "bf\x08\x7f\t"

_POSITION = re.compile(r"\x1b\[(\d+);(\d+)R")
_DRAWS_IN_ONE_GO = re.compile(r"\x1b\[\?2026;[1-3]\$y")
_FUNCTION_KEY = re.compile(r"\x1b\[(\d*)[\d:;]*([~A-S])")
_MOUSE = re.compile(r"\x1b\[<\d+;\d+;\d+[Mm]")


class KeyParser:
    """A parser of input to Textual's messages, in whatever pieces it arrives. It raises nothing, and buffers little."""

    def __init__(self) -> None:
        self._tables = KeyTables()  # Textual's names of keys, and its parser of mouse sequences
        self._rest = ""  # an incomplete sequence, to be continued by the next text
        self._pasted: str | None = None  # the pasted text so far; None if no paste is under way

    @property
    def timeout(self) -> float | None:
        """The seconds after which the caller must call `tick` if nothing more comes; None if nothing is incomplete."""
        if self._pasted is not None:
            return _STALLED
        if not self._rest:
            return None
        return constants.ESCAPE_DELAY if len(self._rest) <= _TYPED else _LATE

    def feed(self, text: str) -> Iterator[Message]:
        """Parses text and yields its messages; an incomplete sequence at its end waits for the next call."""
        text, self._rest = self._rest + text, ""
        position = 0
        while position < len(text):
            if self._pasted is not None:
                position, messages = self._parse_paste(text, position, self._pasted)
            elif run := _TEXT.match(text, position):
                position, messages = run.end(), self._parse_text(run[0])
            elif text[position] != _ESC:
                position, messages = position + 1, self._parse_keys(text[position])
            elif whole := _WHOLE.match(text, position):
                position, messages = whole.end(), self._parse_sequence(whole[0])
            else:
                position, messages = self._parse_incomplete(text, position)
            yield from messages

    def tick(self) -> Iterator[Message]:
        """Parses an incomplete sequence as typed keys, or ends a paste; called when `timeout` is over."""
        rest, self._rest = self._rest, ""
        if self._pasted is not None:
            pasted, self._pasted = self._pasted, None
            yield events.Paste(pasted)
        else:
            yield from self._parse_typed(rest)

    def _parse_paste(self, text: str, begin: int, pasted: str) -> tuple[int, Iterator[Message]]:
        """Parses pasted text up to its end mark; returns the index behind it, and the Paste message once complete."""
        end = text.find(_PASTE_END, begin)
        if end < 0:
            cut = next(size for size in range(5, -1, -1) if text.endswith(_PASTE_END[:size], begin))
            self._rest = text[len(text) - cut :]
            self._pasted = (pasted + text[begin : len(text) - cut].replace("\0", ""))[:_MOST_PASTED]
            return len(text), iter(())
        self._pasted = None
        whole = (pasted + text[begin:end].replace("\0", ""))[:_MOST_PASTED]
        return end + len(_PASTE_END), iter((events.Paste(whole),))

    def _parse_text(self, text: str) -> Iterator[Message]:
        """Yields the keys of typed text, or one Paste message if it must have been pasted."""
        printable = [char for char in text if char.isprintable()] if len(text) > _MOST_TYPED else []
        if len(printable) > _MOST_TYPED and len(set(printable)) >= _KINDS:
            yield events.Paste(text[:_MOST_PASTED])
            return
        for char in text:
            yield from self._parse_keys(char)

    def _parse_incomplete(self, text: str, begin: int) -> tuple[int, Iterator[Message]]:
        """Parses what begins with Esc but is no complete sequence; returns the index behind it, and its messages.

        At the end of the text it is stored for the next call; otherwise it counts as typed keys.
        """
        begun = _BEGUN.match(text, begin)
        assert begun is not None
        if begun.end() == len(text):
            # A sequence that is too long is shortened, but its last character, by which it may end, must stay.
            self._rest = begun[0] if len(begun[0]) <= _LONGEST else begun[0][:_LONGEST] + begun[0][-1]
            return len(text), iter(())
        if begun[0] == _ESC and text[begin + 1] in _WORDS:
            return begin + 2, self._parse_keys(text[begin : begin + 2])
        # An Esc at its end, half of what ends a string, may begin the next sequence.
        end = begun.end()
        if len(begun[0]) > 1 and begun[0][-1] == _ESC:
            end -= 1
        return end, self._parse_typed(text[begin:end])

    def _parse_sequence(self, sequence: str) -> Iterator[Message]:
        """Yields the messages of a complete sequence; of an unknown one, its single keys if it may have been typed."""
        if len(sequence) > _LONGEST:
            return
        if sequence == _PASTE_BEGIN:
            self._pasted = ""
        elif sequence in (_FOCUS_IN, _FOCUS_OUT):
            yield events.AppFocus() if sequence == _FOCUS_IN else events.AppBlur()
        elif position := _POSITION.fullmatch(sequence):
            yield events.CursorPosition(int(position[2]) - 1, int(position[1]) - 1)
        elif _DRAWS_IN_ONE_GO.fullmatch(sequence):
            yield TerminalSupportsSynchronizedOutput()
        elif (background := report_of(sequence)) is not None:
            yield background
        elif _MOUSE.fullmatch(sequence):
            if (message := self._tables.parse_mouse_code(sequence)) is not None:
                yield message
        elif _is_known(sequence) and (keys := [*self._parse_keys(sequence)]):
            yield from keys
        else:
            yield from self._parse_typed(sequence)

    def _parse_typed(self, text: str) -> Iterator[Message]:
        """Yields the single keys of text that begins with Esc, if it is so short that a user may have typed it."""
        if len(text) <= _TYPED:
            for char in text:
                yield from self._parse_keys(char)

    def _parse_keys(self, sequence: str) -> Iterator[Message]:
        """Yields the keys that Textual knows by a character or sequence; none if no key sends it."""
        pressed = _pressed(sequence)
        try:
            keys = [*self._tables.keys(pressed)]
        except (ValueError, OverflowError):  # no valid character, or the report of a released key
            return
        if pressed != sequence:  # it acts as the narrow key; a field gets the wide character (a blank for a wide blank)
            keys = [events.Key(key.key, sequence if sequence.isprintable() else pressed) for key in keys]
        for key in keys:
            if key.key != Keys.Ignore and not any("\ud800" <= char <= "\udfff" for char in key.character or ""):
                yield key


_ON_THE_SAME_KEY = {"《": "<", "》": ">", "、": "/"}  # on a Chinese keyboard; no Unicode normal form replaces these


def _pressed(sequence: str) -> str:
    """Returns the ASCII character for a wide one, as a Chinese input method sends it; anything else unchanged."""
    if len(sequence) != 1 or unicodedata.east_asian_width(sequence) not in "FW":
        return sequence
    plain = _ON_THE_SAME_KEY.get(sequence) or normalized(sequence) or " "
    return plain if len(plain) == 1 and plain.isascii() else sequence


def _is_known(sequence: str) -> bool:
    """Whether a sequence is no function key, or an existing one: Textual takes other numbers for characters."""
    key = _FUNCTION_KEY.fullmatch(sequence)
    return key is None or KeyTables.has(sequence, f"{key[1] or 1}{key[2]}")
