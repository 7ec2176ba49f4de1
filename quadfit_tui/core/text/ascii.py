"""ASCII for terminals and encodings that have no other characters.

Cells of a screen keep their width: `ascii_character` puts one character for another. In prose, `ascii_of` puts words
where they say more: "sqrt", "<=", "infinity". `narrow_character` and `narrow_of` do the same with those characters
alone whose width is ambiguous (Unicode's UAX 11), which some terminals take for two columns.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from quadfit_tui.core.text.width import cell_width, cut, ljust

_LOOKALIKES = {
    "-": "─–—−╌",
    "=": "━═",
    "|": "│┃║▏▕‖↕",
    "+": "┌┐└┘├┤┬┴┼╭╮╯╰╔╗╚╝╠╣╦╩╬┏┓┗┛",
    "_": "▁▂▔▀",
    "#": "▐▌█▉▊▋▇▆▅▄▃■◼▪",
    "@": "●◉⚫",
    "o": "○□▫",
    "*": "•⠿★",
    ".": "·░",
    "^": "↑▲",
    "v": "↓▼√✓✔",
    "<": "←‹≤«◀⏎",
    ">": "→›≥»▶",
    "/": "↗↙÷⁄½",
    "\\": "↘↖",
    "x": "×✗✘✕",
    "~": "±≈…",
    "!": "≠",
    "8": "∞",
    "d": "∂",
    "m": "μ",
    "'": "′‘’",
    '"': "“”",
    **dict(zip("Ssnbreltp", "Σσηβρελτπ", strict=True)),
    "T": "ᵀ⊤ᵗ",
    "[": "⌊⎡⎣",
    "]": "⌋⎤⎦",
    " ": "\u2800",
}
_SIGNS = {char: sign for sign, chars in _LOOKALIKES.items() for char in chars}


def with_dashes(text: str) -> str:
    """A text with a dash for each dot between two parts: as a period it would end them. One in a formula stays."""
    return text.replace(" · ", " - ")


@lru_cache(maxsize=1024)
def ascii_character(char: str) -> str:
    """One ASCII character for `char`: itself, one that looks like it, its letter without accents, or a hash.

    `char` may have combining marks behind it, which are dropped. One digit of a larger number would be another number.
    """
    if char.isascii():
        return char
    if sign := _SIGNS.get(char[0]):
        return sign
    if "\u2800" <= char <= "\u28ff":  # braille is a piece of a line
        return "*"
    base = unicodedata.normalize("NFKD", char)
    if char[0].isnumeric() and len(base) > len(char):
        return "#"
    return base[:1] if base[:1].isascii() and base[:1].isprintable() else "#"


# In the place of the ASCII ones: ~ means "to" between numbers in Chinese, and what is raised would be one digit more.
_NARROW = {"…": "⋯", "●": "▪", **dict.fromkeys("¹²³⁴", "^")}


def _is_ambiguous(char: str) -> bool:
    is_mark = unicodedata.category(char).startswith("M")  # which takes no column of its own
    return unicodedata.east_asian_width(char) == "A" and not is_mark


@lru_cache(maxsize=1024)
def narrow_character(char: str) -> str:
    """A character that takes one column anywhere for one whose width is ambiguous; others stay.

    `char` may have combining marks behind it, which are dropped where it is ambiguous; it may be nothing.
    """
    return _NARROW.get(char[0]) or ascii_character(char) if char and _is_ambiguous(char[0]) else char


def ascii_cells(text: str) -> str:
    """A text in ASCII, each character in the columns that it took."""
    return "".join(ljust(cut(ascii_character(char), cell_width(char)), cell_width(char)) for char in text)


_WORDS = {
    "·": "*",
    "×": "*",
    "²": "^2",
    "⁴": "^4",
    "ᵀ": "^T",
    "½": "1/2",
    "√": "sqrt ",
    "λ": "lambda",
    "μ": "mu",
    "π": "pi",
    "σ": "sigma",
    "⌊": "floor(",
    "⌋": ")",
    "←": "<-",
    "→": "->",
    "↑": "Up",
    "↓": "Down",
    "∞": "infinity",
    "±": "+-",
    "≤": "<=",
    "≥": ">=",
    "…": "...",
    "°": " degrees",
}


def ascii_of(text: str) -> str:
    """A text in ASCII, in words where one character does not say the same."""
    return "".join(_WORDS.get(char) or ascii_character(char) for char in with_dashes(text))


def narrow_of(text: str) -> str:
    """A text without characters whose width is ambiguous, in words where one character does not say the same."""
    return "".join(
        _WORDS.get(char) or narrow_character(char) if _is_ambiguous(char) else char for char in with_dashes(text)
    )
