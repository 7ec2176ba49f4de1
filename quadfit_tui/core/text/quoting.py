"""Text that people wrote, made plain; names and values as they are quoted in messages."""

from __future__ import annotations

import os
import unicodedata

LONGEST_TEXT = 300  # characters of a number or a word, and of what is typed into a field; a named file may have more
MOST_QUOTED = 300  # characters of a text in a message

# Typographic minus signs, and the fraction bar that ½ is taken apart to.
_SIGNS = str.maketrans({"−": "-", "–": "-", "⁄": "/"})


def normalized(text: str) -> str:
    """Text with the full-width characters of a Chinese input method and typographic minus signs made plain.

    Raises ValueError where it is longer than any value: Unicode puts combining marks in order in a time that grows with
    the square of their number, in which Python does nothing else.
    """
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"is longer than {LONGEST_TEXT} characters")
    return unicodedata.normalize("NFKC", text).translate(_SIGNS).strip()


def quoted(text: str) -> str:
    """A text for a message: in quotes, without what would not print, and cut where nobody reads on."""
    return repr(text if len(text) <= MOST_QUOTED else f"{text[: MOST_QUOTED - 3]}...")


def named(text: str) -> str:
    """A name for a message: as it is, if it prints, else `quoted`."""
    return text if text.isprintable() and len(text) <= MOST_QUOTED else quoted(text)


def is_file_name(text: str) -> bool:
    """Whether the system can be asked for a file of this name, and the name can be shown to people."""
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return False
    return not any(unicodedata.category(character) == "Cc" for character in text)  # a terminal would obey these
