"""Normalizes text that people typed, and quotes names and values for messages and shells."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable

from quadfit_tui.core.text.language import _

LONGEST_TEXT = 300  # characters of a number, a word or a field's text; the names of files may be longer
MOST_QUOTED = 300  # characters of a text that a message quotes

_UNSAFE = re.compile(r"^=|[^\w@%+=:,./-]", re.ASCII)  # characters that some shell does not take literally
_NOT_FOR_PRINTF = re.compile(r"[^\w%+=:,./ ]", re.ASCII)  # without -, which could begin an option of printf
_ENDS_HERE = r"(?![.,]?\d|[eEdD][-+−]?\d)"  # without this, ½e3 would become 1/2e3
# Only text that is not ASCII needs these three patterns; re compiles them at the first use.
_POWER = r"(?<=\d)([⁺⁻]?[¹²³⁰⁴-⁹]+)" + _ENDS_HERE
_FRACTION = r"((?:/|\^|\*\*|[.,])\s*)?(\d*)([¼-¾⅐-⅞])(?!\s*(?:\^|\*\*)|[⁺⁻¹²³⁰⁴-⁹¼-¾⅐-⅞])" + _ENDS_HERE
# Characters that NFKC turns into digits, except the full-width ones; a test compares them with Unicode's tables.
_OTHER_DIGITS = (
    r"([\u00b9\u00b2\u00b3\u2070\u2074-\u2079\u2080-\u2089\u00bc-\u00be\u2150-\u215f\u2189\u2460-\u249b\u24ea"
    r"\u3251-\u325f\u32b1-\u32cb\u3358-\u3370\u3378\u3379\u339f-\u33a6\u33a8\u33af\u33e0-\u33fe"
    r"\U0001d7ce-\U0001d7ff\U0001f100-\U0001f10a\U0001fbf0-\U0001fbf9])"
)
# Typographic minus signs, the fraction bar into which NFKC splits ½, and the characters that keys such as . \ [ type
# with an input method: \ types 、, which separates the items of a list, as ; does, and is never part of a number.
_SIGNS = str.maketrans({"−": "-", "–": "-", "⁄": "/", "。": ".", "、": ";", "【": "[", "】": "]", "「": "[", "」": "]"})


def normalized(text: str) -> str:
    """Returns typed text, stripped, with characters of a Chinese input method and typographic minus signs replaced.

    The normal form is NFKC (Unicode Standard Annex 15), except that of all digits only full-width ones become plain:
    others, raised or circled, stay, so that the text is no number. 10² becomes 10^2, ½ 1/2, and 4½ 4^1/2.
    Raises ValueError if the text is longer than LONGEST_TEXT: sorting combining marks takes a time that grows with the
    square of their number, and blocks all threads.
    """
    if len(text) > LONGEST_TEXT:
        raise ValueError(_("is longer than {most} characters").format(most=LONGEST_TEXT))
    if text.isascii():
        return text.strip()
    text = re.sub(_POWER, lambda power: "^" + unicodedata.normalize("NFKC", power[1]), text)
    parts = re.split(_OTHER_DIGITS, re.sub(_FRACTION, _plain_fraction, text))
    parts[::2] = [unicodedata.normalize("NFKC", part) for part in parts[::2]]
    return "".join(parts).translate(_SIGNS).strip()


def _plain_fraction(match: re.Match[str]) -> str:
    """Returns 1/2 for ½; a fraction within a longer number or product stays as it is."""
    before, whole, fraction = match.groups()
    if before:
        return match[0]
    plain = unicodedata.normalize("NFKC", fraction)
    return f"{whole}^{plain}" if whole else plain


def quoted(text: str) -> str:
    """Quotes a text for a message, with escapes for characters that do not print; cut to MOST_QUOTED characters."""
    return repr(text if len(text) <= MOST_QUOTED else f"{text[: MOST_QUOTED - 3]}...")


def printable(text: str, instead: str = "?") -> str:
    """Replaces each character of a text that does not print by `instead`."""
    return "".join(char if char.isprintable() else instead for char in text)


def shown_name(text: str) -> str:
    """Formats a name for a message: as it is if all of it is visible and it is short enough, else `quoted`."""
    is_visible = text.isprintable() and text.strip() == text != ""
    return text if is_visible and len(text) <= MOST_QUOTED else quoted(text)


def shell_word(text: str) -> str:
    """Quotes a text as one word of a command that bash, zsh, fish and sh read alike.

    Even in single quotes, fish takes a backslash before a quote or another backslash for an escape; zsh replaces a word
    that begins with `=` by the path of a program.
    """
    if text and not _UNSAFE.search(text):
        return text
    return "'" + text.replace("'", "'\"'\"'").replace("\\", "'\"\\\\\"'") + "'"


def ascii_shell_word(text: str) -> str:
    """Quotes a text as one word in ASCII that bash, zsh, fish (3.4 or newer) and sh read alike.

    Characters that are not ASCII, or not safe in a shell, become their bytes in octal digits, which `printf` decodes:
    not all of these shells know $'…'.
    """
    if text.isascii():
        return shell_word(text)
    signs = os.fsencode(text).decode("latin-1").replace("%", "%%")
    octal = _NOT_FOR_PRINTF.sub(lambda sign: f"\\{ord(sign[0]):03o}", signs)
    return f"\"$(printf '{octal}')\""


def with_problem(value: str, problem: str) -> str:
    """Formats a message that a value has a problem: `'x' is not a number`; translations may reorder it."""
    return _("{value} {problem}").format(value=value, problem=problem)


def with_allowed(problem: str, allowed: str) -> str:
    """Appends what is allowed to the message of a problem: `'x' is not a number; allowed: above 0`."""
    return _("{problem}; allowed: {allowed}").format(problem=problem, allowed=allowed)


def did_you_mean(problem: str, text: str, words: Iterable[str]) -> str:
    """Appends the one of `words` that is near an unknown word, if any, to a message: `… (did you mean 'run'?)`."""
    return with_near(problem, near) if (near := nearest(text, words)) else problem


def with_near(problem: str, near: str) -> str:
    """Appends a suggestion to the message about an unknown word: `… (did you mean 'run'?)`."""
    return _("{problem} (did you mean {word}?)").format(problem=problem, word=repr(near))


def nearest(text: str, words: Iterable[str]) -> str:
    """Returns the one of `words` closest in spelling to a mistyped text; empty if none is near.

    A word that begins with the text is nearer than any other.
    """
    from difflib import get_close_matches  # most input is right

    known, text = [str(word) for word in words], text[:MOST_QUOTED]
    longer = [word for word in known if text.strip("-") and word.startswith(text)]
    close = get_close_matches(text, longer, 1, 0) or get_close_matches(text, known, 1)
    return close[0] if close else ""


def is_file_name(text: str) -> bool:
    """Whether a text can be the name of a file: the system can encode it, and it has no control characters."""
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return False
    return not any(unicodedata.category(character) == "Cc" for character in text)  # a terminal would obey these
