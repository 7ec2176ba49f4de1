"""The widget that shows a chart: colors its rows by role, and repaints only what has changed."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import ClassVar

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.strip import Strip

from quadfit_tui.core.text.ascii import ascii_of
from quadfit_tui.ui.charts.render import draw
from quadfit_tui.ui.charts.spec import ChartSpec, Page, Role, Row
from quadfit_tui.ui.charts.text_page import Bookmark, Sheet
from quadfit_tui.ui.display.capabilities import Capabilities
from quadfit_tui.ui.widgets.line_widget import LineWidget

_WHEEL = 3  # rows for each turn of the mouse wheel
_PARTS = {str(role): role.name.lower() for role in Role}  # of the style sheet


class ChartView(LineWidget):
    """Shows a ChartSpec or a Page in whatever size it has; a page that is longer can be scrolled."""

    GROUP = "chart"
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"chart--{part}" for part in _PARTS.values()}

    def __init__(self, id: str | None = None, capabilities: Capabilities = Capabilities()) -> None:  # noqa: B008  it cannot be changed
        super().__init__(id=id)
        self._capabilities = capabilities
        self._spec: ChartSpec | Page | None = None
        self._rows: list[Row] = []
        self._drawn: Size | None = None  # for which size they are
        self._bookmark = Bookmark()
        self._sheet: Sheet | None = None  # a page, in the place that it has here

    def show(self, spec: ChartSpec | Page, bookmark: Bookmark) -> None:
        """Draws `spec` from now on; of a page, what is to be seen at its bookmark."""
        self._spec = spec
        self._bookmark = bookmark
        self._update()

    @property
    def can_scroll(self) -> bool:
        """Whether it shows a page that is longer than there is room for."""
        return self._sheet is not None and self._sheet.end > 0

    def move(self, where: str) -> None:
        """Scrolls a page: up, down, page_up, page_down."""
        page = max(1, self.size.height - 1)
        self._move({"up": -1, "down": 1, "page_up": -page, "page_down": page}[where])

    def on_mouse_scroll_up(self) -> None:
        self._move(-_WHEEL)

    def on_mouse_scroll_down(self) -> None:
        self._move(_WHEEL)

    def _move(self, by: int) -> None:
        if self._sheet is not None:
            self._bookmark.spot = self._sheet.moved(self._bookmark.spot, by)
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
        if self._drawn != self.size:
            self._rows = self._draw()
            self.refresh()

    def _draw(self) -> list[Row]:
        self._drawn, self._sheet = self.size, None
        if isinstance(self._spec, Page):
            self._sheet = Sheet(_in_ascii(self._spec) if self._capabilities.ascii else self._spec, *self.size)
            return self._sheet.rows(self._bookmark.spot)
        return (
            []
            if self._spec is None
            else draw(self._spec, *self.size, self._capabilities.ascii, self._capabilities.signs)
        )

    def render_line(self, y: int) -> Strip:
        """One row of the chart, which is drawn here for a new size: the first picture is to have it."""
        if self._drawn != self.size:
            self._rows = self._draw()
        if y >= len(self._rows):
            return Strip.blank(self.size.width, self.style_of(""))
        segments = []
        for letter, cells in groupby(zip(*self._rows[y], strict=True), key=itemgetter(1)):
            style = self.style_of(_PARTS[letter])
            segments.append(Segment("".join(text for text, _ in cells), style))
        return Strip(segments, len(self._rows[y].text))


def _in_ascii(page: Page) -> Page:
    """The same page in words that ASCII has, such as ^2, for which it needs more room."""
    return Page(tuple(Row(ascii_of(row.text), _widened(row)) for row in page.rows))


def _widened(row: Row) -> str:
    return "".join(role * len(ascii_of(char)) for char, role in zip(*row, strict=True))


def changed_spans(before: list[Row], after: list[Row]) -> list[Region] | None:
    """For each row that differs, the span of cells from its first to its last difference; None if the sizes differ."""
    if len(before) != len(after) or (after and len(before[0].text) != len(after[0].text)):
        return None
    spans = []
    for y, (old, new) in enumerate(zip(before, after, strict=True)):
        if old != new:
            cells = zip(zip(*old, strict=True), zip(*new, strict=True), strict=True)
            differ = [x for x, (one, other) in enumerate(cells) if one != other]
            spans.append(Region(differ[0], y, differ[-1] + 1 - differ[0], 1))
    return spans
