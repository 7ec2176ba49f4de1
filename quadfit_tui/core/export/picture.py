"""Picture: a view or the screen as colored cells, written as text, SVG, or escape sequences for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

from quadfit_tui.core.text.width import cell_width

_CELL = (8.4, 17)  # width and height of a cell in pixels of SVG, for a font of _FONT_SIZE
_FONT_SIZE = 14
_ABOVE_LINE = 13  # pixels from the top of a cell to the baseline
_MARGIN = 12
_FONTS = "'DejaVu Sans Mono', Menlo, Consolas, monospace"  # fonts of the reader: none is loaded
_STRETCHED = ' lengthAdjust="spacingAndGlyphs"'  # for characters that may come from a font of another width
# Matches the characters that are written in one piece, by their kinds: dots of braille or wide characters, which may
# come from other fonts, or words a blank apart. An accent belongs to the character before it.
_PIECES = r"b+|w[wa]*|[ta]+(?: [ta]+)*"


class Ink(NamedTuple):
    """The style of characters: their color as #rrggbb, or as the SGR parameter of a color of the terminal.

    `ground` is #rrggbb if they are on another color than that of the paper.
    """

    color: str
    bold: bool = False
    reverse: bool = False
    ground: str = ""


class InkSpan(NamedTuple):
    """Neighboring characters in one ink, given by its name."""

    text: str
    ink: str


class Picture(NamedTuple):
    """Rows of spans, with their inks by name and the color of the `paper`, which only colored formats need."""

    title: str
    rows: tuple[tuple[InkSpan, ...], ...]
    inks: Mapping[str, Ink]
    paper: str = ""


def text_lines(picture: Picture) -> list[str]:
    """Returns the lines of a picture as plain text."""
    return ["".join(_plain(span.text) for span in row).rstrip() for row in picture.rows]


def ansi_lines(picture: Picture) -> list[str]:
    """Returns the lines of a picture with escape sequences (SGR) for its colors, reset at the end of each span."""
    return [
        "".join(_escaped(span, picture.inks[span.ink]) for span in _without_end(row, picture.inks))
        for row in picture.rows
    ]


def _without_end(row: tuple[InkSpan, ...], inks: Mapping[str, Ink]) -> tuple[InkSpan, ...]:
    """Returns the row without the blanks at its end that are on the paper."""
    while row and not row[-1].text.strip() and not inks[row[-1].ink].ground:
        row = row[:-1]
    if not row or inks[row[-1].ink].ground:
        return row
    return (*row[:-1], row[-1]._replace(text=row[-1].text.rstrip()))


def _escaped(span: InkSpan, ink: Ink) -> str:
    """Formats a span with the escape sequence of its ink."""
    text = _plain(span.text)
    if not text.strip() and not ink.ground:
        return text
    ground = ["48", "2", *_channels(ink.ground)] if ink.ground else []
    color = ["38", "2", *_channels(ink.color)] if ink.color.startswith("#") else [ink.color]
    parameters = []
    if ink.bold:
        parameters.append("1")
    if ink.reverse:
        parameters.append("7")
    return f"\x1b[{';'.join(parameters + color + ground)}m{text}\x1b[0m"


def _channels(color: str) -> list[str]:
    return [str(channel) for channel in bytes.fromhex(color[1:])]


def svg_lines(picture: Picture) -> list[str]:
    """Returns a picture as SVG with text as text, in a font of the reader; each piece has the width of its cells."""
    return [*svg_head(picture), *(line for row in svg_rows(picture) for line in row), *svg_end()]


def svg_head(picture: Picture) -> list[str]:
    """Returns the lines before the rows: size, title and paper."""
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
    """Yields the elements of each row, from the top, a line each."""
    for number, row in enumerate(picture.rows):
        yield [*_drawn(row, _MARGIN + number * _CELL[1], picture)]


def svg_end() -> list[str]:
    """Returns the lines after the rows."""
    return ["</g>", "</svg>"]


def _drawn(row: tuple[InkSpan, ...], top: float, picture: Picture) -> Iterator[str]:
    """Yields the elements of a row: first the grounds, then the texts, from the left."""
    across, down = _CELL
    column = 0
    grounds = [pair for span in row for pair in _grounds(span.text, picture.inks[span.ink])]
    for (upper, lower), pairs in groupby(grounds):
        cells = len([*pairs])
        halves = [(upper, top, down)] if upper == lower else [(upper, top, down / 2), (lower, top + down / 2, down / 2)]
        for ground, begin, height in halves:
            if ground:  # sharp edges leave no gap between two that touch
                place = f'x="{_short(_MARGIN + column * across)}" y="{_short(begin)}"'
                size = f'width="{_short(cells * across)}" height="{_short(height)}"'
                yield f'<rect {place} {size} fill="{ground}"/>'
        column += cells
    column = 0
    for span in row:
        ink, begin = picture.inks[span.ink], _MARGIN + column * across
        weight = ' font-weight="bold"' if ink.bold else ""
        for piece in re.finditer(_PIECES, "".join(map(_kind, span.text))):
            before, text = span.text[: piece.start()], span.text[slice(*piece.span())]
            place = f'x="{_short(begin + _cells(before) * across)}" y="{top + _ABOVE_LINE}"'
            wide = f'textLength="{_short(_cells(text) * across)}"'
            if not text.isascii():
                wide += _STRETCHED
            color = ink.ground or picture.paper if ink.reverse else ink.color
            yield f'<text {place} {wide} fill="{color}"{weight}>{_marked_up(text)}</text>'
        column += _cells(span.text)


def _cells(text: str) -> int:
    """Returns the number of cells that a text has as it is written."""
    return cell_width(_plain(text))


def _kind(char: str) -> str:
    """Returns the kind of a character for _PIECES: blank (half blocks are grounds), braille, wide, accent, or text."""
    if char.isspace() or char in "\u2800▀▄":
        return " "
    if "\u2801" <= char <= "\u28ff":
        return "b"
    return "atw"[_cells(char)]


def _grounds(text: str, ink: Ink) -> Iterator[tuple[str, str]]:
    """Yields the colors of the upper and the lower half of each cell of a text; an empty one is that of the paper.

    Half blocks are halves in the color of the ink: as letters they would leave gaps in most fonts.
    """
    written, ground = (ink.ground, ink.color) if ink.reverse else (ink.color, ink.ground)
    for char, run in groupby(text, lambda char: char if char in "▀▄" else ""):
        yield from [(written if char == "▀" else ground, written if char == "▄" else ground)] * _cells("".join(run))


def _short(pixels: float) -> str:
    return f"{pixels:.1f}".removesuffix(".0")


def _marked_up(text: str) -> str:
    """Escapes a text for SVG."""
    from html import escape  # loaded late: it is slow, and only SVG needs it

    return escape(_plain(text), quote=False)


def _plain(text: str) -> str:
    """Replaces characters that no file may have, such as escape sequences in the names of users."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
