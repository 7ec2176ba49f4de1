"""The widget that shows a chart or a page: it colors rows by role and repaints only the cells that changed."""

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
from quadfit_tui.ui.charts.render import cell_to_place, draw, plot_grid
from quadfit_tui.ui.charts.spec import GROUND_ROLES, ChartSpec, StyledRow, TextPage, ground_of, role_of
from quadfit_tui.ui.charts.text_page import TOP, FoldedPage, PagePosition, spelled_page
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.terminal.terminal_app import transliterate_for
from quadfit_tui.ui.themes import CHART_STYLES, ink_upon
from quadfit_tui.ui.toolkit.line_widget import WHEEL, LineWidget


class ChartView(LineWidget):
    """A pane that shows a ChartSpec or a TextPage in whatever size it has; longer pages can be scrolled."""

    STYLES: ClassVar[dict[str, str]] = {str(role): style for role, style in CHART_STYLES.items()}

    def __init__(self, id: str, capabilities: Capabilities, positions: dict[str, PagePosition]) -> None:
        """Creates an empty pane; `positions`, which panes may share, are the scroll positions of pages by view name."""
        super().__init__(id=id)
        self._capabilities = capabilities
        self._spec: ChartSpec | TextPage | None = None
        self._rows: list[StyledRow] = []
        self._drawn: tuple[Size, str] | None = None  # the frame that the rows were drawn for
        self._page: FoldedPage | None = None  # None if it shows a chart
        self._positions = positions
        self.view = ""  # the name of the view that it shows
        self._axis_name = ""  # the name of the x axis in the border
        self._cell_styles: dict[str, Style] = {}  # by the letters of cells

    def show(self, spec: ChartSpec | TextPage, name: str) -> None:
        """Shows `spec`, the picture of the view `name`; a page stays where it was last scrolled to."""
        self._spec, self.view = spec, name
        self._name_axis()
        self._update()

    def _name_axis(self) -> None:
        """Writes the name of the x axis into the border, if there is one: among the labels it would replace some."""
        spec = self._spec
        name = spec.x_name if isinstance(spec, ChartSpec) and self.styles.border_bottom[0] else ""
        if name != self._axis_name:  # setting an equal title would repaint the whole widget
            self._axis_name = name
            self.border_subtitle = Content(name)

    @property
    def can_scroll(self) -> bool:
        """Whether it shows a page with more lines than it has rows."""
        return self._page is not None and self._page.end > 0

    def move(self, where: str) -> None:
        """Scrolls a page `up`, `down`, `page_up` or `page_down`."""
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
        """A point that the mouse drew in the chart, in values of its axes.

        `beside` is the y of the row next to it. `is_drag`: whether the line goes on from the point before.
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
        """Posts the point at the mouse, if it is in the chart."""
        inside = event.screen_offset - self.content_region.offset
        place = self._place(*inside)
        if place is not None and isinstance(self._spec, ChartSpec):
            across, up = AXES[self._spec.x_scale], AXES[self._spec.y_scale]
            beside = self._place(inside.x, inside.y - 1) or self._place(inside.x, inside.y + 1) or place
            self.post_message(self.Drawn(across.value(place[0]), up.value(place[1]), up.value(beside[1]), is_drag))

    def _place(self, x: int, y: int) -> tuple[float, float] | None:
        """Converts a cell of the chart to places on its axes; None beside the plot."""
        capabilities = self._capabilities
        if not isinstance(self._spec, ChartSpec):
            return None
        return cell_to_place(
            self._spec, *self.size, x, y, capabilities.ascii or capabilities.signs, capabilities.halves
        )

    def role_at(self, x: int, y: int) -> str:
        """Returns the role of a cell of the chart, to find what was clicked; "" outside."""
        row = self._rows[y] if 0 <= y < len(self._rows) else StyledRow("", "")
        letter = row.roles[row.at(x) :][:1] if x >= 0 else ""
        return letter and role_of(letter)

    def nearest(self, x: int, y: int, across: Array, up: Array) -> tuple[int, int] | None:
        """Returns the row and column of the grid point nearest to a cell of the chart, or None beside the plot.

        The grid has the points (across[column], up[row]), in values of the axes.
        """
        spec, place = self._spec, self._place(x, y)
        if place is None or not isinstance(spec, ChartSpec):
            return None
        row_gaps = abs(AXES[spec.y_scale].place(up) - place[1])
        column_gaps = abs(AXES[spec.x_scale].place(across) - place[0])
        return int(row_gaps.argmin()), int(column_gaps.argmin())

    def step_on_grid(self, x: Array, y: Array, start: tuple[int, int], by: tuple[int, int]) -> tuple[int, int]:
        """Returns the grid point, row and column, that is `by` characters of the chart up and across from another one.

        The grid has the points (x[column], y[row]), in ascending order; `start` are row and column of the other one. It
        passes as few points as it takes to be seen there.
        """
        spec, capabilities = self._spec, self._capabilities
        if not isinstance(spec, ChartSpec):
            return start
        grid = plot_grid(spec, *self.size, capabilities.ascii or capabilities.signs, capabilities.halves)
        if grid is None:
            return start
        columns, rows = grid.cells(AXES[spec.x_scale].place(x), AXES[spec.y_scale].place(y))
        return _index_beside(rows, start[0], by[0]), _index_beside(columns, start[1], by[1])

    def refresh_charset(self, capabilities: Capabilities) -> None:
        """Redraws with other characters and colors; called once the terminal has reported what it can show."""
        self._capabilities = capabilities
        self._update()

    def _update(self) -> None:
        """Draws anew and repaints the spans that changed."""
        if not self.size:  # it is not on the screen now
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
            self.refresh()  # it is drawn when it is painted: once, for the last of several sizes

    @property
    def _frame(self) -> tuple[Size, str]:
        """The size and the axis name that rows are drawn for."""
        return self.size, self._axis_name

    def _draw(self) -> list[StyledRow]:
        """Returns the rows of the chart, or those of the page that are in sight."""
        self._drawn, self._page = self._frame, None
        if isinstance(self._spec, TextPage):
            self._page = FoldedPage(spelled_page(self._spec, partial(transliterate_for, self.app)), *self.size)
            return self._page.rows(self._position)
        if self._spec is None:
            return []
        spec = replace(self._spec, x_name="") if self._axis_name else self._spec
        return draw(spec, *self.size, self._capabilities.ascii, self._capabilities.signs, self._capabilities.halves)

    def render_line(self, y: int) -> Strip:
        """Renders one row; draws the chart first if its size is new, so that the first frame has the right one."""
        if self._drawn != self._frame:
            self._rows = self._draw()
        if y >= len(self._rows):
            return Strip.blank(self.size.width, self.style_of(""))
        segments = []
        for letter, cells in groupby(zip(*self._rows[y], strict=True), key=itemgetter(1)):
            segments.append(Segment("".join(text for text, _ in cells), self.cell_style(letter)))
        return Strip(segments, cell_width(self._rows[y].text))

    def cell_style(self, letter: str) -> Style:
        """Returns the style of cells of a letter; on a ground their ink is black or white, or that of another band."""
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


def _index_beside(characters: NDArray[np.intp], start: int, by: int) -> int:
    """Returns the index nearest to `start` whose character is at least `by` farther, or the last one there is.

    `characters`, shape (n,), ascending, are the rows or columns of the chart in which points lie.
    """
    if not by:
        return start
    goal = characters[start] + by
    if by > 0:
        return min(int(np.searchsorted(characters, goal)), len(characters) - 1)
    return max(int(np.searchsorted(characters, goal, side="right")) - 1, 0)


def changed_spans(before: list[StyledRow], after: list[StyledRow]) -> list[Region] | None:
    """Returns, for each row that differs, the region from its first to its last difference, or None for other sizes.

    If a row has characters that take two columns, or none, the region is all of it: half of one cannot be painted.
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
