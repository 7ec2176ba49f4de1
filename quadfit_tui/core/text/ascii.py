"""One ASCII character for any other one, for terminals that show no others."""

from __future__ import annotations

import unicodedata
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
def plain(char: str) -> str:
    """The character itself if it is ASCII, one that looks like it, its letter without accents, or a hash."""
    if char.isascii():
        return char
    if sign := _PLAIN.get(ord(char[0])):
        return sign
    if "\u2800" <= char <= "\u28ff":  # braille is a piece of a line
        return "*"
    base = unicodedata.normalize("NFKD", char)[:1]
    return base if base.isascii() and base.isprintable() and base else "#"
