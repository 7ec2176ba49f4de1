"""Parses the words that students type in lessons by lines, in English and in the language in use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import takewhile
from typing import NamedTuple

from quadfit_tui.core.text.language import pgettext, pgettext_noop
from quadfit_tui.core.text.quoting import LONGEST_TEXT, normalized

# Words for values behind commands, marked for translation; a translation may list several, the preferred first.
VALUES = {
    "yes": pgettext_noop("words to type", "yes"),
    "no": pgettext_noop("words to type", "no"),
    "start": pgettext_noop("words to type", "start"),
    "run": pgettext_noop("words to type", "run"),
}
_UNITS = pgettext_noop("words to type", "epochs epoch updates update")  # units that may stand behind a number
_MINUS = pgettext_noop("words to type", "minus")
_NUMBER = re.compile(r"\d[\d.,:]*")


class Typed(NamedTuple):
    """A parsed line: its first `word` in lower case, the command that it names or "", and the `rest` as typed.

    `implied` is the value that the word alone implies, such as 1 of a word for `go 1`.
    """

    word: str
    command: str
    rest: str
    implied: str = ""


def read_line(text: str, commands: Mapping[str, str]) -> Typed:
    """Parses a line; `commands` has the words of each command by name, which may include a value: `go 1`."""
    names = _names(commands)
    for line in (text, split_value(text)):
        word, _blank, rest = line.partition(" ")
        if normalize_word(word) in names:
            command, _blank, implied = names[normalize_word(word)].partition(" ")
            if command == "settings" and rest:  # some languages have one word for settings and set
                command = "set"
            return Typed(normalize_word(word), command, parse_value(rest), implied)
    word, _blank, rest = text.partition(" ")
    return Typed(normalize_word(word), "", rest)


def parse_value(text: str) -> str:
    """Converts the value behind a command to English, or to a number without its unit."""
    signs = "|".join(map(re.escape, _words(_MINUS)))
    signed = re.sub(rf"(?<!\w)({signs})\s*(?=[\d.])", "-", text, flags=re.IGNORECASE)
    return _names(VALUES).get(normalize_word(text)) or strip_unit(signed)


def split_value(text: str) -> str:
    """Inserts a blank between a word and the number or letter behind it, for languages without: 学习率0.5."""
    word = "".join(takewhile(lambda char: char.isalpha() and not char.isascii(), text))
    behind = strip_unit(text.removeprefix(word))
    is_end = is_number(behind) or re.fullmatch("[a-z]", normalize_word(behind))
    return f"{word} {behind}" if word and is_end else text


def strip_unit(text: str) -> str:
    """Strips the unit of a number such as `10 epochs`; other texts are returned unchanged."""
    for unit in ("", *_words(_UNITS)):
        bare = normalize_word(text).removesuffix(unit).rstrip()
        if normalize_word(text).endswith(unit) and is_number(bare):
            return bare
    return text


def is_number(text: str) -> bool:
    """Whether a text is a number without a sign, or a moment."""
    return _NUMBER.fullmatch(text) is not None


def preferred_word(entry: str) -> str:
    """Returns the preferred word for a command in the language in use; `entry` lists its English words."""
    return _words(entry)[0]


def known_words(commands: Mapping[str, str]) -> list[str]:
    """Returns the preferred word of each command, then the English names, for suggestions on mistyped commands."""
    names = [name for name in commands if " " not in name]
    return [*(preferred_word(commands[name]) for name in names), *names]


def _words(entry: str) -> list[str]:
    """Returns the words of a table's entry in the language in use, then the English ones."""
    return [*pgettext("words to type", entry).split(), *entry.split()]


def _names(table: Mapping[str, str]) -> dict[str, str]:
    """Returns the name that each word of a table stands for."""
    return {word: name for name, entry in table.items() for word in _words(entry)}


def normalize_word(text: str) -> str:
    """Normalizes a text to lower-case half-width characters; one too long for a word is returned unchanged."""
    return text if len(text) > LONGEST_TEXT else normalized(text).lower()
