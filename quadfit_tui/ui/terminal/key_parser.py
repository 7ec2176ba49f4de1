"""The parser of what comes from the terminal: keys, the mouse, pasted text, answers. What cannot be read is dropped."""

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
_PASTE_BEGIN, _PASTE_END = "\x1b[200~", "\x1b[201~"  # around what is pasted (xterm's ctlseqs, "Bracketed Paste Mode")
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
_LONGEST = 256  # characters of a sequence that may be something to read
_TYPED = 3  # characters that somebody may have typed, Esc and two more; what is longer a terminal has sent
_LATE = 1.0  # seconds after which the rest of a sequence does not come any more
_STALLED = 10.0  # the same of what is pasted: a line may lose packets, and what follows would be taken for keys
_MOST_PASTED = 4096  # characters: no field takes as many
# Text of which so many characters, of so many kinds, come at once was pasted where no brackets tell: nobody types so
# much within a read, and a key that is held down is one kind. Its only control characters are tabs and ends of lines.
_TEXT = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+")
_MOST_TYPED, _KINDS = 300, 10
# What follows Esc in the keys for a word to the left, to the right or to be deleted (as Terminal.app sends them, after
# Emacs), and in shift+tab. With any other key, both were typed: here Esc has a meaning, and Alt has none.
_WORDS = "bf\x08\x7f\t"

_POSITION = re.compile(r"\x1b\[(\d+);(\d+)R")
_DRAWS_IN_ONE_GO = re.compile(r"\x1b\[\?2026;[1-3]\$y")
_FUNCTION_KEY = re.compile(r"\x1b\[(\d*)[\d:;]*([~A-S])")
_MOUSE = re.compile(r"\x1b\[<\d+;\d+;\d+[Mm]")


class KeyParser:
    """Makes messages of text, in whatever pieces it arrives. It raises nothing, and keeps a few hundred characters."""

    def __init__(self) -> None:
        self._tables = KeyTables()  # for what Textual knows: the names of keys, and the numbers of a click
        self._rest = ""  # of a sequence that has begun
        self._pasted: str | None = None  # what has been pasted so far; None where nothing is

    @property
    def timeout(self) -> float | None:
        """Seconds in which the rest of what has begun is to come, or else `tick` be called; None: nothing has begun."""
        if self._pasted is not None:
            return _STALLED
        if not self._rest:
            return None
        return constants.ESCAPE_DELAY if len(self._rest) <= _TYPED else _LATE

    def feed(self, text: str) -> Iterator[Message]:
        """What the text says; the begin of a sequence is kept for the rest that follows."""
        text, self._rest = self._rest + text, ""
        at = 0
        while at < len(text):
            if self._pasted is not None:
                at, messages = self._paste(text, at, self._pasted)
            elif run := _TEXT.match(text, at):
                at, messages = run.end(), self._text(run[0])
            elif text[at] != _ESC:
                at, messages = at + 1, self._keys(text[at])
            elif whole := _WHOLE.match(text, at):
                at, messages = whole.end(), self._of_sequence(whole[0])
            else:
                at, messages = self._of_begun(text, at)
            yield from messages

    def tick(self) -> Iterator[Message]:
        """Gives up waiting for the rest of a sequence: Esc was typed, or something went wrong on the way."""
        rest, self._rest = self._rest, ""
        if self._pasted is not None:
            pasted, self._pasted = self._pasted, None
            yield events.Paste(pasted)
        else:
            yield from self._typed(rest)

    def _paste(self, text: str, at: int, pasted: str) -> tuple[int, Iterator[Message]]:
        end = text.find(_PASTE_END, at)
        if end < 0:
            cut = next(size for size in range(5, -1, -1) if text.endswith(_PASTE_END[:size], at))
            self._rest = text[len(text) - cut :]
            self._pasted = (pasted + text[at : len(text) - cut].replace("\0", ""))[:_MOST_PASTED]
            return len(text), iter(())
        self._pasted = None
        whole = (pasted + text[at:end].replace("\0", ""))[:_MOST_PASTED]
        return end + len(_PASTE_END), iter((events.Paste(whole),))

    def _text(self, text: str) -> Iterator[Message]:
        """What was typed, or pasted."""
        printable = [char for char in text if char.isprintable()] if len(text) > _MOST_TYPED else []
        if len(printable) > _MOST_TYPED and len(set(printable)) >= _KINDS:
            yield events.Paste(text[:_MOST_PASTED])
            return
        for char in text:
            yield from self._keys(char)

    def _of_begun(self, text: str, at: int) -> tuple[int, Iterator[Message]]:
        begun = _BEGUN.match(text, at)
        assert begun is not None
        if begun.end() == len(text):
            # Of one that is too long, its end is what counts: the rest must not be taken for keys.
            self._rest = begun[0] if len(begun[0]) <= _LONGEST else begun[0][:_LONGEST] + begun[0][-1]
            return len(text), iter(())
        if begun[0] == _ESC and text[at + 1] in _WORDS:
            return at + 2, self._keys(text[at : at + 2])
        # The half of what ends a string may as well begin the next sequence.
        end = begun.end() - (len(begun[0]) > 1 and begun[0][-1] == _ESC)
        return end, self._typed(text[at:end])

    def _of_sequence(self, sequence: str) -> Iterator[Message]:
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
        elif _is_known(sequence) and (keys := [*self._keys(sequence)]):
            yield from keys
        else:
            yield from self._typed(sequence)

    def _typed(self, text: str) -> Iterator[Message]:
        """The single keys of what begins with Esc, if somebody may have typed them."""
        if len(text) <= _TYPED:
            for char in text:
                yield from self._keys(char)

    def _keys(self, sequence: str) -> Iterator[Message]:
        pressed = _pressed(sequence)
        try:
            keys = [*self._tables.keys(pressed)]
        except (ValueError, OverflowError):  # a character that there is not, or the report of a key that is let go
            return
        if pressed != sequence:  # it acts as that key; a field takes what was typed, a wide blank as a blank
            keys = [events.Key(key.key, sequence if sequence.isprintable() else pressed) for key in keys]
        for key in keys:
            if key.key != Keys.Ignore and not any("\ud800" <= char <= "\udfff" for char in key.character or ""):
                yield key


def _pressed(typed: str) -> str:
    """The character of the key that gave a wide one by a Chinese input method; what else was typed, as it is."""
    if len(typed) != 1 or unicodedata.east_asian_width(typed) not in "FW":
        return typed
    plain = normalized(typed) or " "
    return plain if len(plain) == 1 and plain.isascii() else typed


def _is_known(sequence: str) -> bool:
    """Whether it is no function key, or one that there is: Textual takes the numbers of others for characters."""
    key = _FUNCTION_KEY.fullmatch(sequence)
    return key is None or KeyTables.has(sequence, f"{key[1] or 1}{key[2]}")
