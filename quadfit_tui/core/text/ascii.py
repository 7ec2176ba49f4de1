"""ASCII for terminals and encodings that show nothing else.

Cells of a screen keep their width: one character for another. Text becomes words: "sqrt", "<=", "infinity".
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

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
    ".": "·",
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
    "S": "Σ",
    "s": "σ",
    "n": "η",
    "b": "β",
    "r": "ρ",
    "e": "ε",
    "m": "μ",
    "l": "λ",
    "t": "τ",
    "p": "π",
    "'": "′‘’",
    '"': "“”",
    "T": "ᵀ⊤ᵗ",
    "[": "⌊⎡⎣",
    "]": "⌋⎤⎦",
    " ": "\u2800",
}
_PLAIN = {ord(char): sign for sign, chars in _LOOKALIKES.items() for char in chars}


@lru_cache(maxsize=1024)
def ascii_character(char: str) -> str:
    """The character itself if it is ASCII, one that looks like it, its letter without accents, or a hash."""
    if char.isascii():
        return char
    if sign := _PLAIN.get(ord(char[0])):
        return sign
    if "\u2800" <= char <= "\u28ff":  # braille is a piece of a line
        return "*"
    base = unicodedata.normalize("NFKD", char)[:1]
    return base if base.isascii() and base.isprintable() and base else "#"


_ASCII = str.maketrans(
    {
        "·": "*",
        "×": "*",
        "−": "-",
        "²": "^2",
        "⁴": "^4",
        "ᵀ": "^T",
        "½": "1/2",
        "√": "sqrt ",
        "∂": "d",
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
        "–": "-",
        "±": "+-",
        "≤": "<=",
        "≥": ">=",
        "≈": "~",
        "…": "...",
        "°": " degrees",
    }
)


def ascii_of(text: str) -> str:
    """A text in ASCII, for where no other characters can be written."""
    return text.translate(_ASCII)


def in_ascii(said: Iterable[str]) -> list[str]:
    """The same of some lines."""
    return [ascii_of(line) for line in said]
