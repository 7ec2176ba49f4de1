"""Text that people typed, normalized; names and values as messages quote them."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable

from quadfit_tui.core.text.language import _

LONGEST_TEXT = 300  # characters of a number or a word, and of what is typed into a field; a named file may have more
MOST_QUOTED = 300  # characters of a text in a message

_UNSAFE = re.compile(r"^=|[^\w@%+=:,./-]", re.ASCII)  # a character that some shell does not take for itself
_NOT_FOR_PRINTF = re.compile(r"[^\w%+=:,./ ]", re.ASCII)  # nor -, which would begin an option
_ENDS_HERE = r"(?![.,]?\d|[eEdD][-+−]?\d)"  # else ½e3 would become 1/2e3
# Only text that is not ASCII needs these three: they are compiled when they are first used.
_POWER = r"(?<=\d)([⁺⁻]?[¹²³⁰⁴-⁹]+)" + _ENDS_HERE
_FRACTION = r"((?:/|\^|\*\*|[.,])\s*)?(\d*)([¼-¾⅐-⅞])(?!\s*(?:\^|\*\*)|[⁺⁻¹²³⁰⁴-⁹¼-¾⅐-⅞])" + _ENDS_HERE
# What NFKC has digits for, but for the full-width ones: a test holds it against the tables of Unicode.
_OTHER_DIGITS = (
    r"([\u00b9\u00b2\u00b3\u2070\u2074-\u2079\u2080-\u2089\u00bc-\u00be\u2150-\u215f\u2189\u2460-\u249b\u24ea"
    r"\u3251-\u325f\u32b1-\u32cb\u3358-\u3370\u3378\u3379\u339f-\u33a6\u33a8\u33af\u33e0-\u33fe"
    r"\U0001d7ce-\U0001d7ff\U0001f100-\U0001f10a\U0001fbf0-\U0001fbf9])"
)
# Typographic minus signs, the fraction bar that ½ is taken apart to, and what keys such as . \ [ give with an input
# method: \ gives 、, which stands between the parts of a list, as ; does, and never in a number.
_SIGNS = str.maketrans({"−": "-", "–": "-", "⁄": "/", "。": ".", "、": ";", "【": "[", "】": "]", "「": "[", "」": "]"})


def normalized(text: str) -> str:
    """Returns text with the characters of a Chinese input method and typographic minus signs replaced, and stripped.

    The normal form is NFKC (Unicode Standard Annex 15), but of digits only full-width ones become plain ones: others,
    raised or circled, stay as they are, which is no number. 10² becomes 10^2, ½ becomes 1/2, and 4½ becomes 4^1/2.
    Raises ValueError if the text is longer than LONGEST_TEXT: to order combining marks takes a time that grows with the
    square of their number, in which Python does nothing else.
    """
    if len(text) > LONGEST_TEXT:
        raise ValueError(_("is longer than {most} characters").format(most=LONGEST_TEXT))
    if text.isascii():
        return text.strip()
    text = re.sub(_POWER, lambda power: "^" + unicodedata.normalize("NFKC", power[1]), text)
    parts = re.split(_OTHER_DIGITS, re.sub(_FRACTION, _plain_fraction, text))
    parts[::2] = [unicodedata.normalize("NFKC", part) for part in parts[::2]]
    return "".join(parts).translate(_SIGNS).strip()


def _plain_fraction(found: re.Match[str]) -> str:
    """Returns 1/2 for ½; a fraction within a longer number or product stays as it is."""
    before, whole, fraction = found.groups()
    return found[0] if before else f"{whole}{'^' * bool(whole)}{unicodedata.normalize('NFKC', fraction)}"


def quoted(text: str) -> str:
    """A text as a message shows it: in quotes, escaped where it would not print, of at most MOST_QUOTED characters."""
    return repr(text if len(text) <= MOST_QUOTED else f"{text[: MOST_QUOTED - 3]}...")


def printable(text: str, instead: str = "?") -> str:
    """A text with something else in the place of each character that does not print."""
    return "".join(char if char.isprintable() else instead for char in text)


def shown_name(text: str) -> str:
    """A name as a message shows it: as it is if all of it can be seen and it is short enough, else `quoted`."""
    is_seen = text.isprintable() and text.strip() == text != ""
    return text if is_seen and len(text) <= MOST_QUOTED else quoted(text)


def shell_word(text: str) -> str:
    """A text as one word of a command that bash, zsh, fish and sh read alike.

    In single quotes fish takes a backslash for a sign before a quote or another backslash, and zsh looks for a program
    where a word begins with `=`.
    """
    if text and not _UNSAFE.search(text):
        return text
    return "'" + text.replace("'", "'\"'\"'").replace("\\", "'\"\\\\\"'") + "'"


def ascii_shell_word(text: str) -> str:
    """A text as one word in ASCII that bash, zsh, fish (3.4 or newer) and sh read alike: $'…' is not known to all.

    What is not ASCII, or not sure to be taken for itself, is its bytes in octal digits.
    """
    if text.isascii():
        return shell_word(text)
    signs = os.fsencode(text).decode("latin-1").replace("%", "%%")
    octal = _NOT_FOR_PRINTF.sub(lambda sign: f"\\{ord(sign[0]):03o}", signs)
    return f"\"$(printf '{octal}')\""


def with_problem(value: str, problem: str) -> str:
    """What is wrong with a value: `'x' is not a number`; a language may have an order of its own."""
    return _("{value} {problem}").format(value=value, problem=problem)


def with_allowed(problem: str, allowed: str) -> str:
    """What is wrong, and what would be right: `'x' is not a number; allowed: above 0`."""
    return _("{problem}; allowed: {allowed}").format(problem=problem, allowed=allowed)


def did_you_mean(problem: str, text: str, words: Iterable[str]) -> str:
    """What is wrong with an unknown word, and which of `words` is near, if one is: `… (did you mean 'run'?)`."""
    return with_near(problem, near) if (near := nearest(text, words)) else problem


def with_near(problem: str, near: str) -> str:
    """What is wrong with an unknown word, and another one that may be meant."""
    return _("{problem} (did you mean {word}?)").format(problem=problem, word=repr(near))


def nearest(text: str, words: Iterable[str]) -> str:
    """The one of `words` that a text may be meant to be; empty where none is near.

    A word that begins with the text is nearer than any other.
    """
    from difflib import get_close_matches  # most input is right

    known, typed = [str(word) for word in words], text[:MOST_QUOTED]
    longer = [word for word in known if typed.strip("-") and word.startswith(typed)]
    close = get_close_matches(typed, longer, 1, 0) or get_close_matches(typed, known, 1)
    return close[0] if close else ""


def is_file_name(text: str) -> bool:
    """Whether a text can be the name of a file: the system can encode it, and it has no control characters."""
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return False
    return not any(unicodedata.category(character) == "Cc" for character in text)  # a terminal would obey these
