"""OptionsList: Textual's OptionList, but without its failures in tiny terminals."""

from __future__ import annotations

from contextlib import suppress

from textual import events
from textual.geometry import Offset, Region, Size
from textual.widgets import OptionList

from quadfit_tui.ui.fields.ordered_keys import OrderedKeys


class OptionsList(OrderedKeys, OptionList):
    """An OptionList that does not fail if it has no column or row for its text, or while it is being removed."""

    @property
    def scrollable_content_region(self) -> Region:
        """The region of its options; empty if they have no room or it is removed, so that Textual lays out nothing."""
        region = super().scrollable_content_region
        return region if self.is_attached and region.width > self._padding_width else Region()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return super().get_content_height(container, viewport, max(width, self._padding_width + 1))

    @property
    def cursor_offset(self) -> Offset:
        """The screen position where the marked option begins."""
        rows = range(self.size.height)
        options = ({part.style.meta.get("option") for part in self.render_line(y) if part.style} for y in rows)
        first = next((y for y, indices in enumerate(options) if self.highlighted in indices), 0)
        return self.content_region.offset + Offset(0, first)

    def action_page_up(self) -> None:
        with suppress(LookupError):  # nothing is laid out
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        with suppress(LookupError):
            super().action_page_down()  # type: ignore[no-untyped-call]

    async def on_click(self, event: events.Click) -> None:
        """Ignores a click on an option that is removed by now, before Textual's own method handles it."""
        option = event.style.meta.get("option")
        if option is not None and option >= self.option_count:
            event.prevent_default()

    @property
    def _padding_width(self) -> int:
        return self.get_component_styles("option-list--option").padding.width
