"""A list to choose from that works at any size of the terminal."""

from __future__ import annotations

from contextlib import suppress

from textual import events
from textual.geometry import Offset, Region, Size
from textual.widgets import OptionList

from quadfit_tui.ui.fields.ordered_keys import OrderedKeys


class OptionsList(OrderedKeys, OptionList):
    """An OptionList that does not fail without a column for its text, without a row, or while it is removed."""

    @property
    def scrollable_content_region(self) -> Region:
        """The region of its options; empty where they have no room, or none any more: Textual then lays out nothing."""
        region = super().scrollable_content_region
        return region if self.is_attached and region.width > self._padding_width else Region()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return super().get_content_height(container, viewport, max(width, self._padding_width + 1))

    @property
    def cursor_offset(self) -> Offset:
        """Where on the screen the marked option begins."""
        rows = range(self.size.height)
        options = ({part.style.meta.get("option") for part in self.render_line(y) if part.style} for y in rows)
        at = next((y for y, found in enumerate(options) if self.highlighted in found), 0)
        return self.content_region.offset + Offset(0, at)

    def action_page_up(self) -> None:
        with suppress(LookupError):  # nothing is laid out
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        with suppress(LookupError):
            super().action_page_down()  # type: ignore[no-untyped-call]

    async def on_click(self, event: events.Click) -> None:
        """Of a click on an option that is gone by now, nothing comes; Textual's own method follows."""
        option = event.style.meta.get("option")
        if option is not None and option >= self.option_count:
            event.prevent_default()

    @property
    def _padding_width(self) -> int:
        return self.get_component_styles("option-list--option").padding.width
