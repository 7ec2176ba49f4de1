"""A mixin that has keys take effect in the order in which they were typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events

from quadfit_tui.ui.toolkit.textual_internals import bindings_of

if TYPE_CHECKING:
    from textual.widget import Widget
else:
    Widget = object  # a second widget among the bases would hide the style sheet of the first


class OrderedKeys(Widget):
    """Mixed into a widget, runs the widget's own bindings as its keys arrive.

    Textual passes a bound key up to the app first, and what was typed after it overtakes it: backspace and `2` in one
    packet became `2` and backspace.
    """

    async def on_key(self, event: events.Key) -> None:
        for binding in bindings_of(self).key_to_bindings.get(event.key, ()):
            event.stop()
            event.prevent_default()
            await self.run_action(binding.action)
            return
