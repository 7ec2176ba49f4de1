"""Widths of texts in columns of a terminal, and wrapping, cutting and padding by them: a Han character takes two."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Set
from functools import lru_cache
from itertools import accumulate

# Punctuation that must not begin a line, and that must not end one (GB/T 15834, JIS X 4051).
_NOT_FIRST = frozenset("，。、；：！？）》」』】〕”’…—％℃·,.;:!?)]}%")
_NOT_LAST = frozenset("（《「『【〔“‘([{")
# Signs of a formula between blanks: no line may begin or end with one, unless the formula is longer than a line.
_RELATIONS = frozenset("=≈≤≥<>←→")
_SIGNS = _RELATIONS | frozenset("−-+±×")
_LATIN = re.compile("[Ａ-Ｚａ-ｚ]{2}")  # wide letters within a word

# Nearly all texts have only these letters, signs, arrows, frames and dots of one column, and need no look-up each.
_SINGLE = re.compile(
    r"[\x00-\u02ff\u0391-\u03a1\u03a3-\u03c9\u2010-\u2027\u2030-\u205e\u2074-\u208e\u2190-\u22ff\u2500-\u25fc\u2800-\u28ff]*"
)


def is_single(text: str) -> bool:
    """Whether each character of a text takes exactly one column."""
    return _SINGLE.fullmatch(text) is not None or all(_columns_of(char) == 1 for char in text)


@lru_cache(maxsize=4096)
def _columns_of(char: str) -> int:
    category = unicodedata.category(char)
    if category[0] == "M" or (category == "Cf" and char != "\u00ad") or "\u1160" <= char <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cell_width(text: str) -> int:
    """Returns the number of columns that a text takes in a terminal."""
    return len(text) if _SINGLE.fullmatch(text) else sum(map(_columns_of, text))


def has_formula(text: str) -> bool:
    """Whether a text has a sign of a formula between blanks."""
    return not _SIGNS.isdisjoint(text.split())


def cut(text: str, width: int) -> str:
    """Returns the longest prefix of a text that fits into `width` columns; no wide character is halved."""
    if _SINGLE.fullmatch(text):
        return text[: max(0, width)]
    room = width
    for index, char in enumerate(text):
        room -= _columns_of(char)
        if room < 0:
            return text[:index]
    return text


def ellipsize(text: str, width: int) -> str:
    """Returns a text if it fits into `width` columns, else a prefix of it and an ellipsis."""
    return text if cell_width(text) <= width else f"{cut(text, width - 1)}…"


def ljust(text: str, width: int) -> str:
    """Pads a text with blanks on its right to `width` columns."""
    return text + " " * (width - cell_width(text))


def rjust(text: str, width: int) -> str:
    """Pads a text with blanks on its left to `width` columns."""
    return " " * (width - cell_width(text)) + text


def wrapped(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """Wraps a text into lines of `width` columns, with `first` before the first line and `rest` before each other.

    Lines break at blanks and beside any Han character, but none begins with `，` or ends with `（`. They break within a
    formula or a word only if it is longer than a line.
    """
    lines: list[str] = []
    line, indent = first, first
    pieces = _unparted(" ".join(text.splitlines()).replace("\t", " ").strip(" "))
    for piece in _whole_formulas(pieces, width - cell_width(rest)):
        if line != indent and cell_width(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = indent = rest
        line += piece
        while cell_width(line.rstrip()) > width and len(line.rstrip()) > len(indent) + 1:
            head = max(cut(line, width), line[: len(indent) + 1], key=len)  # each line takes at least one character
            lines.append(head.rstrip())
            line, indent = rest + line[len(head) :], rest
    return [*lines, line.rstrip()] if line != indent else lines


def line_starts(text: str, width: int) -> list[int]:
    """Returns the indices at which the lines of a text after the first begin, if it is wrapped; blanks are kept.

    Lines break as in `wrapped`, but never between wide Latin letters, which belong to one word.
    """
    begins: list[int] = []
    begin, last = 0, len(text) - len(text.lstrip())
    pieces = _whole_formulas(_unparted(text[last:], keeps_latin=True), width)
    for end in accumulate(map(len, pieces), initial=last):
        while cell_width(text[begin:end].rstrip()) > width:
            begin = last if last > begin and text[begin:last].strip() else begin + (len(cut(text[begin:], width)) or 1)
            begins.append(begin)
        last = end
    return begins


def _unparted(text: str, keeps_latin: bool = False) -> Iterator[str]:
    """Yields the pieces of a text within which no line may break, each with the blanks behind it."""
    piece = ""
    for char in text:
        if piece and may_break(piece[-1], char) and not (keeps_latin and _LATIN.match(piece[-1] + char)):
            yield piece
            piece = ""
        piece += char
    if piece:
        yield piece


def _whole_formulas(pieces: Iterable[str], width: int, opens: Set[str] = _SIGNS) -> Iterator[str]:
    """Yields pieces with each formula joined to one, if it fits into `width` columns; else split before its relations.

    `opens` are the signs before which no line may break.
    """
    formula: list[str] = []
    for piece in [*pieces, ""]:
        if formula and not (piece and (formula[-1].rstrip() in _SIGNS or piece.rstrip() in opens)):
            whole = "".join(formula)
            if cell_width(whole.rstrip()) <= width or len(formula) == 1:
                yield whole
            elif opens is _SIGNS:
                yield from _whole_formulas(formula, width, _SIGNS - _RELATIONS)
            else:
                yield from formula
            formula = []
        formula.append(piece)


def may_break(before: str, after: str) -> bool:
    """Whether a line may break between two neighboring characters."""
    if after == " ":
        return False
    if before == " ":
        return True
    if after in _NOT_FIRST or before in _NOT_LAST or not _columns_of(after):
        return False
    return _columns_of(before) == 2 or _columns_of(after) == 2
