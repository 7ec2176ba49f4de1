"""A view, or all of the screen, as a Picture, to be written to a file or to standard output."""

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
from quadfit_tui.core.training.position import moment
from quadfit_tui.ui.charts.render import draw
from quadfit_tui.ui.charts.spec import ChartSpec, StyledRow, TextPage
from quadfit_tui.ui.charts.text_page import FoldedPage, fold, spelled_page
from quadfit_tui.ui.views.scene import Scene
from quadfit_tui.ui.views.view import OptionValues
from quadfit_tui.ui.views.view_table import VIEWS

if TYPE_CHECKING:  # a chart for standard output needs no more of Textual
    from textual.strip import Strip

Colors = tuple[Mapping[str, Ink], str]  # of the roles, by their letters, and of the background
SIZE_IN_FILE = 80, 24  # columns, rows: a file is to be the same whatever the window is
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
    """A view of the scene, with the words chosen for its options, in columns × rows. Without colors, lines are told
    apart by signs. A page of text is there in full, however many rows that are; `cuts`: as much as a pane shows."""
    view = VIEWS[name]
    spec = view.draw(replace(scene, is_saved=True), view.initial_options(scene.snapshot, words))
    title = f"quadfit-tui: {name}, {moment(scene.snapshot.position)}"
    if not isinstance(spec, TextPage):
        return chart_picture(spec, title, size, colors, ascii)
    page = spelled_page(spec, ascii_of) if ascii else spec
    rows = _in_pane(page, *size, ascii) if cuts else [line for row in page.rows for line in fold(row, size[0])]
    return Picture(title, tuple(map(_spans, rows)), *colors)


def chart_picture(
    spec: ChartSpec, title: str, size: tuple[int, int], colors: Colors = COLORLESS, ascii: bool = False
) -> Picture:
    """A chart in columns × rows; without colors, lines are told apart by signs."""
    return Picture(title, tuple(map(_spans, draw(spec, *size, ascii, signs=colors is COLORLESS))), *colors)


def _in_pane(page: TextPage, width: int, height: int, ascii: bool) -> list[StyledRow]:
    rows = FoldedPage(page, width, height).rows()
    return [StyledRow(ascii_cells(row.text), row.roles) for row in rows] if ascii else rows  # with a scrollbar


def _spans(row: StyledRow) -> tuple[InkSpan, ...]:
    cells = groupby(zip(*row, strict=True), key=itemgetter(1))
    return tuple(InkSpan("".join(char for char, _ in of_role), role) for role, of_role in cells)


def picture_of_screen(strips: Iterable[Strip], title: str, paper: str, theme: TerminalTheme) -> Picture:
    """What is on the screen, from its rows; `theme` says how the terminal's own colors look."""
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
    """The style of cells, with all that is in it but the two colors and the weight worked in."""
    color = style.color.get_truecolor(theme) if style.color else theme.foreground_color
    ground = paper
    if style.bgcolor and not style.bgcolor.is_default:
        ground = style.bgcolor.get_truecolor(theme, foreground=False).hex
    shown = (ground, color.hex) if style.reverse else (color.hex, ground)
    return Ink(shown[0], bool(style.bold), ground="" if shown[1] == paper else shown[1])
