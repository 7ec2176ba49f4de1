"""A list to choose from that works at any size of the terminal."""

from __future__ import annotations

from typing import Literal

from textual import events
from textual.geometry import Size
from textual.widgets import OptionList

from quadfit_tui.ui.widgets.ordered_keys import OrderedKeys


class OptionsList(OrderedKeys, OptionList):
    """An OptionList that does not fail without a column for its text, without a row, or while it is removed."""

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return super().get_content_height(container, viewport, max(width, self._padding + 1))

    def _update_lines(self) -> None:
        if self.is_attached and self.scrollable_content_region.width > self._padding:
            super()._update_lines()

    def _move_page(self, direction: Literal[-1, 1]) -> None:
        if self._lines and (self.highlighted or 0) in self._index_to_line:
            super()._move_page(direction)

    async def _on_click(self, event: events.Click) -> None:
        """Of a click on an option that is gone by now, nothing comes; Textual's own method follows."""
        option = event.style.meta.get("option")
        if option is not None and option >= self.option_count:
            event.prevent_default()

    @property
    def _padding(self) -> int:
        return self.get_component_styles("option-list--option").padding.width
