"""The widget that shows a chart: colors its rows by role, and repaints only what has changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.color import Color
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from quadfit_tui.core.model.array import Array
from quadfit_tui.core.text.width import cell_width, is_single
from quadfit_tui.ui.charts.axes import AXES
from quadfit_tui.ui.charts.render import draw, grid_of, place_at
from quadfit_tui.ui.charts.spec import GROUND_ROLES, ChartSpec, StyledRow, TextPage, ground_of, role_of
from quadfit_tui.ui.charts.text_page import TOP, FoldedPage, PagePosition, spelled_page
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.terminal.terminal_app import transliterate_for
from quadfit_tui.ui.themes import CHART_STYLES, ink_upon
from quadfit_tui.ui.toolkit.line_widget import WHEEL, LineWidget


class ChartView(LineWidget):
    """Shows a ChartSpec or a TextPage in whatever size it has; a page that is longer can be scrolled."""

    STYLES: ClassVar[dict[str, str]] = {str(role): style for role, style in CHART_STYLES.items()}

    def __init__(self, id: str, capabilities: Capabilities, positions: dict[str, PagePosition]) -> None:
        """`positions` are where pages are scrolled to, by their names; several panes may share them."""
        super().__init__(id=id)
        self._capabilities = capabilities
        self._spec: ChartSpec | TextPage | None = None
        self._rows: list[StyledRow] = []
        self._drawn: tuple[Size, str] | None = None  # for which size they are, and what the border said then
        self._page: FoldedPage | None = None  # where it shows one
        self._positions = positions
        self.view = ""  # the name of what it shows
        self._axis_name = ""  # what the border says of it
        self._cell_styles: dict[str, Style] = {}  # of cells, by their letters

    def show(self, spec: ChartSpec | TextPage, name: str) -> None:
        """Draws `spec` from now on; a page where it was scrolled to when it was last seen by this name."""
        self._spec, self.view = spec, name
        self._name_axis()
        self._update()

    def _name_axis(self) -> None:
        """Writes the name of the x axis into the border, if there is one: among the labels it would cover some."""
        spec = self._spec
        name = spec.x_name if isinstance(spec, ChartSpec) and self.styles.border_bottom[0] else ""
        if name != self._axis_name:  # else all of it would be painted
            self._axis_name = name
            self.border_subtitle = Content(name)

    @property
    def can_scroll(self) -> bool:
        """Whether it shows a page that is longer than there is room for."""
        return self._page is not None and self._page.end > 0

    def move(self, where: str) -> None:
        """Scrolls a page: up, down, page_up, page_down."""
        page = max(1, self.size.height - 1)
        self._move({"up": -1, "down": 1, "page_up": -page, "page_down": page}[where])

    def on_mouse_scroll_up(self) -> None:
        self._move(-WHEEL)

    def on_mouse_scroll_down(self) -> None:
        self._move(WHEEL)

    def _move(self, by: int) -> None:
        if self._page is not None:
            self._positions[self.view] = self._page.scrolled(self._position, by)
            self._update()

    @property
    def _position(self) -> PagePosition:
        return self._positions.get(self.view, TOP)

    @dataclass
    class Drawn(Message):
        """The mouse draws in the chart: at these values of its axes, on from where it was before, or anew.

        `beside` is the value of a row next to that of `y`.
        """

        x: float
        y: float
        beside: float
        is_drag: bool

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if isinstance(self._spec, ChartSpec) and self._spec.takes_drawing and self.screen.focused is None:
            self.capture_mouse()
            self._drawn_at(event, is_drag=False)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is self:
            self._drawn_at(event, is_drag=True)

    def on_mouse_up(self) -> None:
        self.release_mouse()

    def _drawn_at(self, event: events.MouseEvent, is_drag: bool) -> None:
        inside = event.screen_offset - self.content_region.offset
        place = self._place(*inside)
        if place is not None and isinstance(self._spec, ChartSpec):
            across, up = AXES[self._spec.x_scale], AXES[self._spec.y_scale]
            beside = self._place(inside.x, inside.y - 1) or self._place(inside.x, inside.y + 1) or place
            self.post_message(self.Drawn(across.value(place[0]), up.value(place[1]), up.value(beside[1]), is_drag))

    def _place(self, x: int, y: int) -> tuple[float, float] | None:
        """Where on the axes a cell of the chart lies; None beside them."""
        room = self._capabilities
        if not isinstance(self._spec, ChartSpec):
            return None
        return place_at(self._spec, *self.size, x, y, room.ascii or room.signs, room.halves)

    def role_at(self, x: int, y: int) -> str:
        """What a cell of the chart belongs to."""
        row = self._rows[y] if 0 <= y < len(self._rows) else StyledRow("", "")
        letter = row.roles[row.at(x) :][:1] if x >= 0 else ""
        return letter and role_of(letter)

    def nearest(self, x: int, y: int, across: Array, up: Array) -> tuple[int, int] | None:
        """Which of some values up and across are nearest to a cell of the chart; None beside its axes."""
        spec, place = self._spec, self._place(x, y)
        if place is None or not isinstance(spec, ChartSpec):
            return None
        gaps = (
            abs(AXES[scale].place(values) - at)
            for scale, values, at in ((spec.y_scale, up, place[1]), (spec.x_scale, across, place[0]))
        )
        row, column = (int(gap.argmin()) for gap in gaps)
        return row, column

    def beside(self, x: Array, y: Array, at: tuple[int, int], by: tuple[int, int]) -> tuple[int, int]:
        """Returns where on a grid one is who goes so many characters of the chart up and across, row and column.

        The grid has the points (x[column], y[row]), in ascending order; `at` are the row and column to go from. As few
        are passed as it takes to be seen there.
        """
        spec, room = self._spec, self._capabilities
        if not isinstance(spec, ChartSpec):
            return at
        grid = grid_of(spec, *self.size, room.ascii or room.signs, room.halves)
        if grid is None:
            return at
        columns, rows = grid.cells(AXES[spec.x_scale].place(x), AXES[spec.y_scale].place(y))
        return _passed(rows, at[0], by[0]), _passed(columns, at[1], by[1])

    def refresh_charset(self, capabilities: Capabilities) -> None:
        """Shows it in other words and cells, where the terminal has told what it can show."""
        self._capabilities = capabilities
        self._update()

    def _update(self) -> None:
        if not self.size:  # it has no place now
            self._drawn = None
            return
        before, self._rows = self._rows, self._draw()
        regions = changed_spans(before, self._rows)
        if regions is None:
            self.refresh()
        elif regions:
            self.refresh(*regions)

    def on_resize(self) -> None:
        self._name_axis()
        if self._drawn != self._frame:
            self.refresh()  # which draws it, once, for the last of several sizes

    @property
    def _frame(self) -> tuple[Size, str]:
        return self.size, self._axis_name

    def _draw(self) -> list[StyledRow]:
        self._drawn, self._page = self._frame, None
        if isinstance(self._spec, TextPage):
            self._page = FoldedPage(spelled_page(self._spec, partial(transliterate_for, self.app)), *self.size)
            return self._page.rows(self._position)
        if self._spec is None:
            return []
        spec = replace(self._spec, x_name="") if self._axis_name else self._spec
        return draw(spec, *self.size, self._capabilities.ascii, self._capabilities.signs, self._capabilities.halves)

    def render_line(self, y: int) -> Strip:
        """One row of the chart, which is drawn here for a new size: the first picture is to have it."""
        if self._drawn != self._frame:
            self._rows = self._draw()
        if y >= len(self._rows):
            return Strip.blank(self.size.width, self.style_of(""))
        segments = []
        for letter, cells in groupby(zip(*self._rows[y], strict=True), key=itemgetter(1)):
            segments.append(Segment("".join(text for text, _ in cells), self.cell_style(letter)))
        return Strip(segments, cell_width(self._rows[y].text))

    def cell_style(self, letter: str) -> Style:
        """The style of cells of a letter: upon a ground their ink is black or white, or of another band."""
        style = self._cell_styles.get(letter)
        if style is None:
            role, ground = role_of(letter), ground_of(letter)
            style = self.style_of(role)
            if ground >= 0:
                color = self.style_of(GROUND_ROLES[ground]).color
                assert color is not None
                ink = style.color if role in GROUND_ROLES else ink_upon(Color.from_rich_color(color)).rich_color
                style += Style(color=ink, bgcolor=color)
            self._cell_styles[letter] = style
        return style

    def forget_styles(self) -> None:
        super().forget_styles()
        self._cell_styles.clear()


def _passed(characters: NDArray[np.intp], begin: int, by: int) -> int:
    """The first index from `begin` on whose character is `by` farther, or the last one; characters are ascending."""
    goal = characters[begin] + by
    if by > 0:
        return min(int(np.searchsorted(characters, goal)), len(characters) - 1)
    return max(int(np.searchsorted(characters, goal, side="right")) - 1, 0) if by else begin


def changed_spans(before: list[StyledRow], after: list[StyledRow]) -> list[Region] | None:
    """For each row that differs, the span of cells from its first to its last difference; None if the sizes differ.

    All of a row in which a character takes two columns, or none: half of one cannot be painted.
    """
    if len(before) != len(after) or (after and cell_width(before[0].text) != cell_width(after[0].text)):
        return None
    spans = []
    for y, (old, new) in enumerate(zip(before, after, strict=True)):
        if old == new:
            continue
        if is_single(old.text) and is_single(new.text):
            cells = zip(zip(*old, strict=True), zip(*new, strict=True), strict=True)
            differ = [x for x, (one, other) in enumerate(cells) if one != other]
            spans.append(Region(differ[0], y, differ[-1] + 1 - differ[0], 1))
        else:
            spans.append(Region(0, y, cell_width(new.text), 1))
    return spans
