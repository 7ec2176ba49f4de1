"""LineWidget: the base of widgets that render their lines themselves, many times a second, with cached styles."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from rich.style import Style
from textual.style import Style as VisualStyle
from textual.widget import Widget

WHEEL = 3  # rows for each turn of the mouse wheel


class LineWidget(Widget):
    """A widget that caches the styles of its parts until its own style changes.

    The parts are no component classes: Textual matches each of those with the whole style sheet at each start, and
    whenever the widget is styled anew. That takes a quarter of a start. A subclass that caches lines rendered with
    these styles drops them in `forget_styles`.
    """

    STYLES: ClassVar[Mapping[str, str]] = MappingProxyType({})  # the style of each part, as in markup: "bold $primary"

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._part_styles: dict[str, Style] = {}

    def style_of(self, part: str) -> Style:
        """Returns the style of a part, from the cache if it is there; for "" the style of the widget itself."""
        style = self._part_styles.get(part)
        if style is None:
            style = self.rich_style
            if part:
                style = (self.visual_style + VisualStyle.parse(self.STYLES[part])).rich_style
            self._part_styles[part] = style
        return style

    def forget_styles(self) -> None:
        """Clears the cached styles; called when the widget's own style has changed, as after a change of the theme."""
        self._part_styles.clear()

    def notify_style_update(self) -> None:
        self.forget_styles()
        super().notify_style_update()
