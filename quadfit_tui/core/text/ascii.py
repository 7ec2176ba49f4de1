"""ASCII for terminals and encodings that have no other characters.

Cells of a screen keep their width: `ascii_character` replaces one character by another. In prose, `ascii_of` inserts
words if they say more: "sqrt", "<=", "infinity". `narrow_character` and `narrow_of` do the same only for characters of
ambiguous width (Unicode's UAX 11), to which some terminals give two columns.
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
    """Replaces each ` · ` by a dash: transliterated, the dot would end a sentence. Dots in formulas stay."""
    return text.replace(" · ", " - ")


@lru_cache(maxsize=1024)
def ascii_character(char: str) -> str:
    """Returns one ASCII character for `char`: itself, one that looks like it, its letter without accents, or a hash.

    `char` may have combining marks behind it, which are dropped. A number in one character, such as a circled 12,
    becomes a hash: its first digit would be another number.
    """
    if char.isascii():
        return char
    if sign := _SIGNS.get(char[0]):
        return sign
    if "\u2800" <= char <= "\u28ff":  # charts draw lines with braille
        return "*"
    base = unicodedata.normalize("NFKD", char)
    if char[0].isnumeric() and len(base) > len(char):
        return "#"
    return base[:1] if base[:1].isascii() and base[:1].isprintable() else "#"


# Used instead of the ASCII lookalikes: in Chinese, ~ between numbers means "to"; a raised digit would look like one
# more digit of the number.
_NARROW = {"…": "⋯", "●": "▪", **dict.fromkeys("¹²³⁴", "^")}


def _is_ambiguous(char: str) -> bool:
    is_mark = unicodedata.category(char).startswith("M")  # a combining mark takes no column
    return unicodedata.east_asian_width(char) == "A" and not is_mark


@lru_cache(maxsize=1024)
def narrow_character(char: str) -> str:
    """Returns a character of one column in any terminal for one of ambiguous width; others stay.

    `char` may be empty, or have combining marks behind it, which are dropped if it is ambiguous.
    """
    if not (char and _is_ambiguous(char[0])):
        return char
    return _NARROW.get(char[0]) or ascii_character(char)


def ascii_cells(text: str) -> str:
    """Transliterates the cells of a screen to ASCII; each character keeps its number of columns."""
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
    """Transliterates prose to ASCII, with words for characters such as `√`."""
    return "".join(_WORDS.get(char) or ascii_character(char) for char in with_dashes(text))


def narrow_of(text: str) -> str:
    """Replaces the characters of ambiguous width in prose, with words for characters such as `√`."""
    return "".join(
        _WORDS.get(char) or narrow_character(char) if _is_ambiguous(char) else char for char in with_dashes(text)
    )
