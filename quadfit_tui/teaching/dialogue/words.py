"""The words of lessons by lines: what is typed for each command, in English and in the language in use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import takewhile
from typing import NamedTuple

from quadfit_tui.core.text.language import pgettext, pgettext_noop
from quadfit_tui.core.text.quoting import LONGEST_TEXT, normalized

# The words for what follows on commands, noted, with blanks between; a language tells the first one.
VALUES = {
    "yes": pgettext_noop("words to type", "yes"),
    "no": pgettext_noop("words to type", "no"),
    "start": pgettext_noop("words to type", "start"),
}
_UNITS = pgettext_noop("words to type", "epochs epoch updates update")  # what may stand behind a number
_NUMBER = re.compile(r"\d[\d.,:]*")


class Typed(NamedTuple):
    """A line: its first `word` in small letters, the command that this names or nothing, and the `rest` as typed.

    `given` is what stands behind the command where the word alone says that, too.
    """

    word: str
    command: str
    rest: str
    given: str = ""


def read_line(text: str, commands: Mapping[str, str]) -> Typed:
    """What a line says; `commands` are the noted words of each, which may have something behind it: `go 1`."""
    names = _names(commands)
    for line in (text, parted(text)):
        word, _blank, rest = line.partition(" ")
        if plain(word) in names:
            command, _blank, given = names[plain(word)].partition(" ")
            if command == "settings" and rest:  # some languages have one word for both
                command = "set"
            return Typed(plain(word), command, value_of(rest), given)
    word, _blank, rest = text.partition(" ")
    return Typed(plain(word), "", rest)


def value_of(text: str) -> str:
    """What follows on a command, as it is in English."""
    return _names(VALUES).get(plain(text)) or as_number(text)


def parted(text: str) -> str:
    """A text with a blank before the number or letter that ends it, where its language writes none: 学习率0.5."""
    word = "".join(takewhile(lambda char: char.isalpha() and not char.isascii(), text))
    behind = as_number(text.removeprefix(word))
    is_end = is_number(behind) or re.fullmatch("[a-z]", plain(behind))
    return f"{word} {behind}" if word and is_end else text


def as_number(text: str) -> str:
    """A number with or without a unit behind it, such as 10 epochs, as the number alone; another text as it is."""
    for unit in ("", *_words(_UNITS)):
        bare = plain(text).removesuffix(unit).rstrip()
        if plain(text).endswith(unit) and is_number(bare):
            return bare
    return text


def is_number(text: str) -> bool:
    """Whether a text is a number without a sign, or a moment."""
    return _NUMBER.fullmatch(text) is not None


def word_of(noted: str) -> str:
    """Of the noted words for a command the one that the language in use tells."""
    return _words(noted)[0]


def known_words(commands: Mapping[str, str]) -> list[str]:
    """The words for all commands that are told, before those of English."""
    told = [command for command in commands if " " not in command]
    return [*(word_of(commands[command]) for command in told), *told]


def _words(noted: str) -> list[str]:
    """Words of a table in the language in use, before those of English."""
    return [*pgettext("words to type", noted).split(), *noted.split()]


def _names(table: Mapping[str, str]) -> dict[str, str]:
    """What each word of a table stands for."""
    return {word: name for name, noted in table.items() for word in _words(noted)}


def plain(text: str) -> str:
    """A text in small half-width characters; one that is too long for a word is as it is."""
    return text if len(text) > LONGEST_TEXT else normalized(text).lower()
