"""Functions that render a view, or the whole screen, as a Picture for a file or standard output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from rich.style import Style
from rich.terminal_theme import TerminalTheme

from quadfit_tui.core.export.picture import Ink, InkSpan, Picture
from quadfit_tui.core.text.ascii import ascii_cells, ascii_of
from quadfit_tui.core.training.position import format_moment
from quadfit_tui.ui.charts.render import draw
from quadfit_tui.ui.charts.spec import ChartSpec, StyledRow, TextPage
from quadfit_tui.ui.charts.text_page import FoldedPage, fold, spelled_page
from quadfit_tui.ui.views.scene import Scene
from quadfit_tui.ui.views.view import OptionValues
from quadfit_tui.ui.views.view_table import VIEWS

if TYPE_CHECKING:  # a chart for standard output must not import Textual's strips
    from textual.strip import Strip

Colors = tuple[Mapping[str, Ink], str]  # inks by the letters of their roles, and the background's color
SIZE_IN_FILE = 80, 24  # columns, rows: a file does not depend on the window
COLORLESS: Colors = ({}, "")


def picture(
    scene: Scene,
    name: str,
    words: OptionValues,
    size: tuple[int, int],
    colors: Colors = COLORLESS,
    ascii: bool = False,
    cuts: bool = False,
) -> Picture:
    """Renders a view of a scene as a Picture of `size` columns × rows.

    `words`: the chosen values of the view's options. Without colors, lines differ by signs. A page of text has as many
    rows as it needs or, with `cuts`, those that a pane of that size shows.
    """
    view = VIEWS[name]
    spec = view.draw(replace(scene, is_saved=True), view.initial_options(scene.snapshot, words))
    title = f"quadfit-tui: {name}, {format_moment(scene.snapshot.position)}"
    if not isinstance(spec, TextPage):
        return chart_picture(spec, title, size, colors, ascii)
    page = spelled_page(spec, ascii_of) if ascii else spec
    rows = _in_pane(page, *size, ascii) if cuts else [line for row in page.rows for line in fold(row, size[0])]
    return Picture(title, tuple(map(_spans, rows)), *colors)


def chart_picture(
    spec: ChartSpec, title: str, size: tuple[int, int], colors: Colors = COLORLESS, ascii: bool = False
) -> Picture:
    """Renders a chart as a Picture of `size` columns × rows; without colors, lines differ by signs."""
    return Picture(title, tuple(map(_spans, draw(spec, *size, ascii, signs=colors is COLORLESS))), *colors)


def _in_pane(page: TextPage, width: int, height: int, ascii: bool) -> list[StyledRow]:
    """Returns the rows of a page that a pane of this size shows, with its scrollbar."""
    rows = FoldedPage(page, width, height).rows()
    return [StyledRow(ascii_cells(row.text), row.roles) for row in rows] if ascii else rows


def _spans(row: StyledRow) -> tuple[InkSpan, ...]:
    """Joins the cells of a row into spans of the same role."""
    cells = groupby(zip(*row, strict=True), key=itemgetter(1))
    return tuple(InkSpan("".join(char for char, _ in of_role), role) for role, of_role in cells)


def picture_of_screen(strips: Iterable[Strip], title: str, paper: str, theme: TerminalTheme) -> Picture:
    """Converts the rows of the screen to a Picture; `theme` maps the terminal's own colors to RGB."""
    inks: dict[str, Ink] = {}
    rows = []
    for strip in strips:
        row = []
        for text, style, _ in strip.simplify():
            ink = _ink(style or Style.null(), paper, theme)
            name = ":".join(map(str, ink))
            inks[name] = ink
            row.append(InkSpan(text, name))
        rows.append(tuple(row))
    return Picture(title, tuple(rows), inks, paper)


def _ink(style: Style, paper: str, theme: TerminalTheme) -> Ink:
    """Converts a style of cells to an Ink: its colors, with `reverse` applied, and its weight."""
    color = style.color.get_truecolor(theme) if style.color else theme.foreground_color
    ground = paper
    if style.bgcolor and not style.bgcolor.is_default:
        ground = style.bgcolor.get_truecolor(theme, foreground=False).hex
    foreground, background = (ground, color.hex) if style.reverse else (color.hex, ground)
    return Ink(foreground, bool(style.bold), ground="" if background == paper else background)
