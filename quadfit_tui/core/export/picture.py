"""Picture: a view or the screen as colored cells, written as text, as SVG, with escape sequences for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

from quadfit_tui.core.text.width import cell_width

_CELL = (8.4, 17)  # pixels of a cell in SVG: those of a font of this size
_FONT_SIZE = 14
_ABOVE_LINE = 13  # pixels from the top of a cell to the line that letters stand on
_MARGIN = 12
_FONTS = "'DejaVu Sans Mono', Menlo, Consolas, monospace"  # what the reader has: nothing is loaded
_STRETCHED = ' lengthAdjust="spacingAndGlyphs"'  # of what may come from a font of another width
# What is written in one piece, as kinds of its characters: dots of braille or wide ones, which may come from other
# fonts, or words a blank apart. An accent belongs to what it stands on.
_PIECES = r"b+|w[wa]*|[ta]+(?: [ta]+)*"


class Ink(NamedTuple):
    """How characters are written: their color as #rrggbb, or as the SGR parameter of a color of the terminal's own.

    `ground` is #rrggbb where they are on another color than that of the paper.
    """

    color: str
    bold: bool = False
    reverse: bool = False
    ground: str = ""


class InkSpan(NamedTuple):
    """Characters beside each other in one ink, which has a name."""

    text: str
    ink: str


class Picture(NamedTuple):
    """Rows of spans, with what their inks are and the color of the `paper`, which only colored formats need."""

    title: str
    rows: tuple[tuple[InkSpan, ...], ...]
    inks: Mapping[str, Ink]
    paper: str = ""


def text_lines(picture: Picture) -> list[str]:
    """The characters alone."""
    return ["".join(_plain(span.text) for span in row).rstrip() for row in picture.rows]


def ansi_lines(picture: Picture) -> list[str]:
    """The characters with escape sequences (SGR) for their colors; each line begins and ends in the usual ones."""
    return [
        "".join(_escaped(span, picture.inks[span.ink]) for span in _without_end(row, picture.inks))
        for row in picture.rows
    ]


def _without_end(row: tuple[InkSpan, ...], inks: Mapping[str, Ink]) -> tuple[InkSpan, ...]:
    """The row without the blanks at its end that are on the paper."""
    while row and not row[-1].text.strip() and not inks[row[-1].ink].ground:
        row = row[:-1]
    if not row or inks[row[-1].ink].ground:
        return row
    return (*row[:-1], row[-1]._replace(text=row[-1].text.rstrip()))


def _escaped(span: InkSpan, ink: Ink) -> str:
    text = _plain(span.text)
    if not text.strip() and not ink.ground:
        return text
    ground = ["48", "2", *_channels(ink.ground)] if ink.ground else []
    color = ["38", "2", *_channels(ink.color)] if ink.color.startswith("#") else [ink.color]
    return f"\x1b[{';'.join(['1'] * ink.bold + ['7'] * ink.reverse + color + ground)}m{text}\x1b[0m"


def _channels(color: str) -> list[str]:
    return [str(channel) for channel in bytes.fromhex(color[1:])]


def svg_lines(picture: Picture) -> list[str]:
    """A drawing whose text stays text, in the reader's own font; each piece has the width of its cells in any font."""
    return [*svg_head(picture), *(line for row in svg_rows(picture) for line in row), *svg_end()]


def svg_head(picture: Picture) -> list[str]:
    """The lines before the rows: how large it is, its title and its paper."""
    across, down = _CELL
    widest = max((sum(_cells(span.text) for span in row) for row in picture.rows), default=0)
    width, height = _short(widest * across + 2 * _MARGIN), _short(len(picture.rows) * down + 2 * _MARGIN)
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f"<title>{_marked_up(picture.title)}</title>",
        f'<rect width="{width}" height="{height}" fill="{picture.paper}"/>',
        f'<g font-family="{_FONTS}" font-size="{_FONT_SIZE}" shape-rendering="crispEdges">',
    ]


def svg_rows(picture: Picture) -> Iterator[list[str]]:
    """The elements of each row, from above, a line each."""
    for number, row in enumerate(picture.rows):
        yield [*_drawn(row, _MARGIN + number * _CELL[1], picture)]


def svg_end() -> list[str]:
    """The lines after the rows."""
    return ["</g>", "</svg>"]


def _drawn(row: tuple[InkSpan, ...], top: float, picture: Picture) -> Iterator[str]:
    """The elements of a row, from the left."""
    across, down = _CELL
    column = 0
    grounds = [pair for span in row for pair in _grounds(span.text, picture.inks[span.ink])]
    for (upper, lower), pairs in groupby(grounds):
        cells = len([*pairs])
        halves = [(upper, top, down)] if upper == lower else [(upper, top, down / 2), (lower, top + down / 2, down / 2)]
        for ground, begin, height in halves:
            if ground:  # with sharp edges: between two that touch nothing is to shine through
                place = f'x="{_short(_MARGIN + column * across)}" y="{_short(begin)}"'
                size = f'width="{_short(cells * across)}" height="{_short(height)}"'
                yield f'<rect {place} {size} fill="{ground}"/>'
        column += cells
    column = 0
    for span in row:
        ink, begin = picture.inks[span.ink], _MARGIN + column * across
        weight = ' font-weight="bold"' * ink.bold
        for piece in re.finditer(_PIECES, "".join(map(_kind, span.text))):
            before, text = span.text[: piece.start()], span.text[slice(*piece.span())]
            place = f'x="{_short(begin + _cells(before) * across)}" y="{top + _ABOVE_LINE}"'
            wide = f'textLength="{_short(_cells(text) * across)}"' + _STRETCHED * (not text.isascii())
            color = ink.ground or picture.paper if ink.reverse else ink.color
            yield f'<text {place} {wide} fill="{color}"{weight}>{_marked_up(text)}</text>'
        column += _cells(span.text)


def _cells(text: str) -> int:
    """The cells that a text takes as it is written."""
    return cell_width(_plain(text))


def _kind(char: str) -> str:
    """What a character is to _PIECES: a blank (half blocks are grounds), braille, wide, an accent, or text."""
    if char.isspace() or char in "\u2800▀▄":
        return " "
    if "\u2801" <= char <= "\u28ff":
        return "b"
    return "atw"[_cells(char)]


def _grounds(text: str, ink: Ink) -> Iterator[tuple[str, str]]:
    """The colors of the upper and the lower half of each cell of a text, without its letters: none for the paper's.

    Half blocks are halves that have the color of the ink: as letters they would leave gaps in most fonts."""
    written, ground = (ink.ground, ink.color) if ink.reverse else (ink.color, ink.ground)
    for char, run in groupby(text, lambda char: char if char in "▀▄" else ""):
        yield from [(written if char == "▀" else ground, written if char == "▄" else ground)] * _cells("".join(run))


def _short(pixels: float) -> str:
    return f"{pixels:.1f}".removesuffix(".0")


def _marked_up(text: str) -> str:
    from html import escape  # which reads the names of all characters: commands that write no SVG need not wait for it

    return escape(_plain(text), quote=False)


def _plain(text: str) -> str:
    """The text without what no file is to hold, such as escape sequences in somebody's names."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
